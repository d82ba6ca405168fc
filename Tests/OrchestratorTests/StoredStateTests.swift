// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres
import Testing

@testable import Orchestrator

@Suite struct StoredStateTests {
    @Test func `what this process stored is not read again, and what another one stored is`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft()
        let other = fixture.otherProcess()
        try await fixture.open(draft)
        try await fixture.pool.execute("update envelopes set state = 'unreadable'")
        await #expect(throws: DecodingError.self) {
            try await fixture.deliver([try fixture.view(of: draft)], to: other)
        }
        try await fixture.deliver([try fixture.view(of: draft)])
        try await fixture.deliver([try fixture.submission(of: draft)], to: other)
        let job = try #require(try await fixture.messages(SignDocumentV1.self).first)
        try await fixture.deliver([try fixture.signed(job, of: draft)])
        let events = try await fixture.messages(EnvelopeEventV1.self)
        #expect(
            events.map { $0.changes.map(\.event) } == [
                [.envelopePrepared, .envelopeSent, .recipientOpened], [.recipientViewed], [.recipientSigning],
                [.recipientSigned, .envelopeCompleted],
            ])
        #expect(events.map(\.sequence) == [3, 4, 5, 7])
        let stored = try #require(try await fixture.envelope(draft))
        #expect(stored.status == .completed)
        #expect(stored.draft == draft)
    }

    @Test func `a step that was rolled back is not remembered`() async throws {
        struct Refused: Error {}
        let fixture = try await OrchestratorFixture()
        let (draft, lost) = (fixture.draft(), fixture.draft())
        try await fixture.open(draft)
        await #expect(throws: Refused.self) {
            try await fixture.pool.withTransaction { transaction in
                _ = try await fixture.coordinator.handle(
                    [try fixture.view(of: draft), try fixture.creation(lost)], in: transaction)
                throw Refused()
            }
        }
        try await fixture.deliver([try fixture.view(of: draft), try fixture.creation(lost)])
        #expect(try await fixture.envelope(draft)?.sequence == 4)
        #expect(try await fixture.envelope(lost)?.status == .draft)
        #expect(try await fixture.messages(PrepareDocumentV1.self).count == 2)
    }

    @Test func `after a restore to an earlier state the steps since then are taken again`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft()
        try await fixture.open(draft)
        let saved = try await fixture.pool.execute(PostgresStatement("select state_id, state from envelopes")).rows[0]
        try await fixture.deliver([try fixture.view(of: draft)])
        _ = try await fixture.pool.execute(
            PostgresStatement(
                "update envelopes set state_id = $1, state = $2",
                [.uuid(try saved.uuid(0)), .bytea(try saved.bytes(1))]))
        try await fixture.deliver([try fixture.submission(of: draft)])
        let envelope = try #require(try await fixture.envelope(draft))
        #expect(envelope.requests[0].viewedAt == nil)
        #expect(envelope.requests[0].status == .signing)
        #expect(envelope.sequence == 4)
    }

    @Test func `no step but the first and the last touches an index`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft(expiresIn: 1000)
        func updates(_ messages: [InboundMessage]) async throws -> (all: Int, hot: Int) {
            try await fixture.pool.withTransaction { transaction in
                let count = PostgresStatement(
                    """
                    select coalesce(sum(n_tup_upd), 0)::int8, coalesce(sum(n_tup_hot_upd), 0)::int8
                    from pg_stat_xact_user_tables where relname like 'envelopes\\_%'
                    """)
                let before = try await transaction.execute(count).rows[0]
                let acts = try await fixture.coordinator.handle(messages, in: transaction)
                _ = try await fixture.outbox.write(acts, in: transaction)
                let after = try await transaction.execute(count).rows[0]
                return (try after.int(0) - before.int(0), try after.int(1) - before.int(1))
            }
        }
        try await fixture.deliver([try fixture.creation(draft)])
        let preparation = try #require(try await fixture.messages(PrepareDocumentV1.self).first)
        for message in [
            try fixture.prepared(preparation, of: draft), try fixture.accepted(of: draft), try fixture.view(of: draft),
            try fixture.submission(of: draft),
        ] {
            let (all, hot) = try await updates([message])
            #expect(all == 1)
            #expect(hot == 1, "\(message.type)")
        }
        let job = try #require(try await fixture.messages(SignDocumentV1.self).first)
        #expect(try await updates([try fixture.signed(job, of: draft)]) == (1, 0))
    }

    @Test func `an envelope that waits for a person is looked at once, and again when it waits for an answer`()
        async throws
    {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft()
        try await fixture.open(draft)
        let before = try await fixture.written().count
        fixture.clock.advance(bySeconds: 61)
        #expect(try await fixture.reconciliation.tick() == 1)
        #expect(try await fixture.reconciliation.tick() == 0)
        #expect(try await fixture.written().count == before)
        try await fixture.deliver([try fixture.submission(of: draft)])
        fixture.clock.advance(bySeconds: 61)
        #expect(try await fixture.reconciliation.tick() == 1)
        #expect(try await fixture.messages(SignDocumentV1.self).count == 2)
        try await fixture.deliver([
            try fixture.message(
                VoidEnvelopeV1(
                    tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestedBy: .system("x"),
                    requestedAt: OrchestratorFixture.start, reason: "x"), of: draft)
        ])
        fixture.clock.advance(bySeconds: 61)
        #expect(try await fixture.reconciliation.tick() == 0)
    }
}

extension PostgresPool {
    fileprivate func execute(_ sql: String) async throws { _ = try await execute(PostgresStatement(sql)) }
}

extension OrchestratorFixture {
    func view(of draft: EnvelopeDraft) throws -> InboundMessage {
        try message(
            RecordViewV1(
                tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestID: draft.recipients[0].requestID,
                generation: 1, viewedAt: clock.clock.now(),
                client: ClientContext(ipAddress: "203.0.113.7", userAgent: nil)), of: draft)
    }

    func accepted(of draft: EnvelopeDraft) throws -> InboundMessage {
        try message(
            NotificationOutcomeV1(
                tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestID: draft.recipients[0].requestID,
                generation: 1, kind: .signingRequest, status: .accepted, reason: nil, occurredAt: clock.clock.now()),
            of: draft)
    }
}
