// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Idempotency
import Messaging
import Postgres
import ServiceAPI
import Tracing

/// Commits new envelopes with what they say and their stored answers, those of many requests together.
struct EnvelopeCreation: Sendable {
    private struct Entry: Sendable {
        let rows: EnvelopeRows
        let act: Act
        let call: IdempotentCall
        let response: HTTPResponse
    }

    private let store: IntakeStore
    private let commits: GroupCommit<Entry, Void>

    init(store: IntakeStore, outbox: OutboxWriter) {
        self.store = store
        commits = GroupCommit { entries in
            try await store.pool.withTransaction { transaction in
                let said = outbox.statements(entries.map(\.act), in: transaction)
                let answers = try entries.map { try $0.call.finishStatement($0.response, in: transaction) }
                _ = try await transaction.pipelineAndCommit(
                    IntakeStore.insertions(of: entries.map(\.rows)) + said + answers)
            }
            return entries.map { _ in () }
        }
    }

    /// Returns when the envelope exists and the same key answers with the same response.
    ///
    /// - Throws: `IdempotencyError.leaseLost` when another attempt has taken over; nothing is done then.
    func create(_ rows: EnvelopeRows, saying act: Act, _ call: IdempotentCall, _ response: HTTPResponse) async throws {
        var act = act
        // Another request's task may write it.
        act.trace = Trace.current
        do {
            try await commits.submit(Entry(rows: rows, act: act, call: call, response: response))
        } catch let error as PostgresError where IdempotencyStore.meansLeaseLost(error) {
            throw IdempotencyError.leaseLost
        }
        store.recent.keep(rows.decoded, links: rows.links)
    }
}
