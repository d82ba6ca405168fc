// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Messaging
import Postgres

/// Loads the envelopes of a batch of messages, applies the messages in order, and saves state and outbox together.
struct EnvelopeCoordinator: MessageHandler {
    private let ids: IDSource
    private let metrics: WorkflowMetrics
    private let cache = EnvelopeCache()

    init(ids: IDSource, metrics: WorkflowMetrics) {
        self.ids = ids
        self.metrics = metrics
    }

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        let keys = Set(
            messages.map { EnvelopeKey(tenantID: TenantID($0.tenantID), envelopeID: EnvelopeID($0.key)) })
        var batch = WorkflowBatch(try await load(Array(keys), in: transaction), ids: ids)
        for message in messages { try batch.apply(message) }
        try await save(batch, in: transaction)
        return batch.acts
    }

    /// Applies one input to each of the envelopes at the time given; for timers, which have no message.
    func apply(
        _ input: EnvelopeInput, to keys: [EnvelopeKey], at now: Instant, in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let stored = try await load(keys, in: transaction)
        var batch = WorkflowBatch(stored, ids: ids)
        for key in stored.keys.sorted() { try batch.apply(input, to: key, at: now) }
        try await save(batch, in: transaction)
        return batch.acts
    }

    private func load(
        _ keys: [EnvelopeKey], in transaction: PostgresTransaction
    ) async throws -> [EnvelopeKey: StoredEnvelope] {
        try await WorkflowStore.load(keys, remembering: cache, in: transaction)
    }

    private func save(_ batch: WorkflowBatch, in transaction: PostgresTransaction) async throws {
        let (statements, saved) = try WorkflowStore.saving(batch.changed, ids: ids)
        if !statements.isEmpty { _ = try await transaction.pipeline(statements) }
        transaction.onCommit { [metrics, cache, change = batch.change] in
            cache.remember(saved)
            metrics.count(change)
        }
    }
}
