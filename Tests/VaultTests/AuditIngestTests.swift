// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

@testable import Vault

@Suite struct AuditIngestTests {
    @Test func `AUD-01, AUD-02: an envelope's events make one chain that verifies offline`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let person = PersonalData(name: "Zoë Miller", email: "zoe@example.org", ipAddress: "203.0.113.7")
        try await fixture.deliver(
            [
                try fixture.message(fixture.fact("envelope.created", envelope: envelope), personal: person, seq: 1),
                try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: 2),
            ], to: fixture.audit)
        try await fixture.deliver(
            [
                try fixture.message(
                    fixture.fact("recipient.viewed", envelope: envelope), personal: person, producer: "orchestration",
                    seq: 1)
            ], to: fixture.audit)
        let export = try #require(try await fixture.trail(envelope))
        #expect(export.entries.map(\.number) == [1, 2, 3])
        #expect(export.entries.first?.personal?["email"]?.stringValue == "zoe@example.org")
        #expect(ChainVerifier.verify(export) == .intact(events: 3, head: export.head))
        let read = try AuditExport(json: try JSONValue(parsing: export.json.canonicalBytes()))
        #expect(ChainVerifier.verify(read) == .intact(events: 3, head: export.head))
        #expect(try await fixture.trail(envelope, tenant: TenantID(UUID())) == nil)
    }

    @Test func `AUD-02: a row changed by the database's owner is named by the export's verification`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        try await fixture.deliver(
            try (1...5).map { try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: $0) },
            to: fixture.audit)
        let owner = fixture.database.ownerPool(of: .vault)
        _ = try await owner.execute(
            PostgresStatement(
                "update audit_events set event = replace(event, 'envelope.sent', 'envelope.void') where n = 3"))
        await owner.close()
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .broken(ChainBreak(number: 3, reason: .hash)))
    }

    @Test(arguments: ["update audit_events set event_type = 'x'", "delete from audit_events", "truncate audit_events"])
    func `AUD-03: the vault's own role can neither change nor delete a row`(sql: String) async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        try await fixture.deliver(
            [try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: 1)], to: fixture.audit)
        let error = await #expect(throws: PostgresError.self) { try await fixture.pool.execute(PostgresStatement(sql)) }
        #expect(error?.sqlState?.code == "42501")
        #expect(try await fixture.types(envelope) == ["envelope.sent"])
    }

    @Test func `AUD-07: personal data is sealed, and destroying its key leaves the chain whole`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        try await fixture.deliver(
            [
                try fixture.message(
                    fixture.fact("envelope.created", envelope: envelope), personal: PersonalData(name: "Zoë Miller"),
                    seq: 1)
            ], to: fixture.audit)
        let rows = try await fixture.pool.execute(
            PostgresStatement("select event || encode(personal, 'escape'), substr(personal, 1, 16) from audit_events"))
        let row = try #require(rows.rows.first)
        #expect(!(try row.string(0)).contains("Miller"))
        let key = try #require(UUID(bytes: try row.bytes(1)))
        let recorded = try await fixture.pool.execute(PostgresStatement("select data_key_id from chain_heads"))
        #expect(try recorded.rows.first?.uuid(0) == key)
        try fixture.keys.destroy(tenant: fixture.tenant.uuid, id: key)
        let export = try #require(try await fixture.trail(envelope))
        #expect(export.entries.first?.personal == nil)
        #expect(ChainVerifier.verify(export) == .intact(events: 1, head: export.head))
    }

    @Test func `one data key seals all personal data of an envelope, also of events that come together`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        for first in [1, 4] as [Int64] {
            try await fixture.deliver(
                try (first..<first + 3).map {
                    try fixture.message(
                        fixture.fact("recipient.viewed", envelope: envelope), personal: PersonalData(name: "Zoë"),
                        seq: $0)
                }, to: fixture.audit)
        }
        #expect(try await fixture.int("select count(distinct substr(personal, 1, 16)) from audit_events") == 1)
    }

    @Test func `a cause that comes in the same batch stands before its effect, and sequences hold`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let cause = try fixture.message(
            fixture.fact("recipient.consented", envelope: envelope), producer: "orchestration", seq: 1)
        let batch = [
            try fixture.message(
                fixture.fact("recipient.mailed", envelope: envelope), producer: "notification", seq: 1, after: cause.id),
            try fixture.message(
                fixture.fact("recipient.reminded", envelope: envelope), producer: "notification", seq: 2), cause,
        ]
        #expect(try await fixture.deliver(batch, to: fixture.audit).isEmpty)
        #expect(
            try await fixture.types(envelope) == ["recipient.consented", "recipient.mailed", "recipient.reminded"])
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 3, head: export.head))
    }

    @Test func `an effect waits for its cause, and what follows it in its stream waits too`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let cause = try fixture.message(fixture.fact("recipient.viewed", envelope: envelope), seq: 1)
        let effect = try fixture.message(
            fixture.fact("envelope.opened", envelope: envelope), producer: "orchestration", seq: 1, after: cause.id)
        let next = try fixture.message(
            fixture.fact("envelope.noted", envelope: envelope), producer: "orchestration", seq: 2)
        // Old messages wait as well: what counts is how long the vault has known them.
        fixture.clock.advance(bySeconds: 3600)
        #expect(try await fixture.deliver([effect, next], to: fixture.audit) == [effect.id, next.id])
        try await fixture.deliver([cause], to: fixture.audit)
        #expect(try await fixture.deliver([effect, next], to: fixture.audit).isEmpty)
        #expect(try await fixture.types(envelope) == ["recipient.viewed", "envelope.opened", "envelope.noted"])
    }

    @Test func `AUD-02: after ten seconds an effect is appended flagged, and its cause counts as a gap`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let cause = try fixture.message(fixture.fact("recipient.viewed", envelope: envelope), seq: 1)
        let effect = try fixture.message(
            fixture.fact("envelope.opened", envelope: envelope), producer: "orchestration", seq: 1, after: cause.id)
        let gaps = AuditGaps(
            consumer: "paraph-vault", pool: fixture.pool, logger: fixture.logs.logger, metrics: fixture.metrics)
        #expect(try await fixture.deliver([effect], to: fixture.audit) == [effect.id])
        fixture.clock.advance(bySeconds: 9.9)
        #expect(try await fixture.deliver([effect], to: fixture.audit) == [effect.id])
        try await gaps.look()
        #expect(fixture.metrics.prometheusText().contains("\nparaph_audit_gaps 0\n"))
        fixture.clock.advance(bySeconds: 0.1)
        #expect(try await fixture.deliver([effect], to: fixture.audit).isEmpty)
        #expect(try await fixture.types(envelope) == ["envelope.opened!"])
        try await gaps.look()
        #expect(fixture.metrics.prometheusText().contains("\nparaph_audit_gaps 1\n"))
        #expect(fixture.logs.messages.contains { $0.hasPrefix("audit events are missing") })

        try await fixture.deliver([cause], to: fixture.audit)
        try await gaps.look()
        #expect(fixture.metrics.prometheusText().contains("\nparaph_audit_gaps 0\n"))
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 2, head: export.head))
    }

    @Test func `a tenant has a chain a month that names the one before, and a late event goes to the newest`()
        async throws
    {
        let fixture = try await VaultFixture()
        func event(_ type: AuditEventType, _ time: String, seq: Int64) throws -> InboundMessage {
            var fact = fixture.fact(type, envelope: EnvelopeID(UUID()), at: Instant(rfc3339: time))
            fact.subject = .tenant
            return try fixture.message(fact, seq: seq)
        }
        try await fixture.deliver(
            [try event("token.created", "2026-11-20T00:00:00Z", seq: 1)], to: fixture.audit)
        try await fixture.deliver(
            [
                try event("token.used", "2026-11-30T23:59:59Z", seq: 2),
                try event("token.revoked", "2026-12-01T00:00:01Z", seq: 3),
            ], to: fixture.audit)
        try await fixture.deliver(
            [try event("token.late", "2026-11-30T23:59:58Z", seq: 4)], to: fixture.audit)
        let heads = try await fixture.pool.execute(
            PostgresStatement("select n, hash, previous_head from chain_heads order by started_at")
        ).rows
        #expect(try heads.map { try $0.int(0) } == [1, 3])
        #expect(try heads[1].bytes(2) == heads[0].bytes(1))
        #expect(try heads[0].bytesOrNil(2) == nil)
    }

    @Test func `the system has a chain of its own that keeps no personal data`() async throws {
        let fixture = try await VaultFixture()
        var fact = fixture.fact("request.denied", envelope: EnvelopeID(UUID()))
        fact.subject = .system
        fact.tenantID = ChainSubject.noTenant
        try await fixture.deliver(
            [try fixture.message(fact, personal: PersonalData(ipAddress: "203.0.113.7"), seq: 1)], to: fixture.audit)
        #expect(try await fixture.int("select count(*) from audit_events where personal is null") == 1)
        #expect(try await fixture.int("select count(*) from chain_heads where subject_kind = 'system'") == 1)
    }

    @Test func `an event of another tenant cannot enter an envelope's chain`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        try await fixture.deliver(
            [try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: 1)], to: fixture.audit)
        let foreign = try fixture.message(
            fixture.fact("envelope.sent", envelope: envelope, tenant: TenantID(UUID())), producer: "signing", seq: 1)
        await #expect(throws: PermanentFailure.self) { try await fixture.deliver([foreign], to: fixture.audit) }
        #expect(try await fixture.types(envelope) == ["envelope.sent"])
    }

    @Test func `RES-01: events of a tenant without a storage key wait`() async throws {
        let fixture = try await VaultFixture()
        let stranger = TenantID(fixture.ids.next())
        let fact = fixture.fact("envelope.sent", envelope: EnvelopeID(UUID()), tenant: stranger)
        let message = try fixture.message(fact, personal: PersonalData(name: "A"), seq: 1)
        await #expect(throws: TransientFailure(code: "tenant_key_missing")) {
            try await fixture.deliver([message], to: fixture.audit)
        }
    }

    @Test func `10,000 events of 2,000 envelopes are appended; the rate is printed`() async throws {
        let fixture = try await VaultFixture()
        let envelopes = (0..<2000).map { _ in EnvelopeID(fixture.ids.next()) }
        var batches: [[InboundMessage]] = []
        for seq in 1...5 as ClosedRange<Int64> {
            for start in stride(from: 0, to: envelopes.count, by: 500) {
                batches.append(
                    try envelopes[start..<start + 500].map {
                        try fixture.message(fixture.fact("envelope.sent", envelope: $0), seq: seq)
                    })
            }
        }
        let clock = ContinuousClock()
        let duration = try await clock.measure {
            for batch in batches {
                let prepared = try await fixture.audit.prepare(batch)
                try await fixture.pool.withTransaction {
                    _ = try await fixture.audit.handle(batch, prepared, in: $0)
                }
            }
        }
        print("audit append: \(Int(10_000 / (duration / .seconds(1)))) events/s; target 10,000/s in a release build")
        #expect(try await fixture.int("select count(*) from audit_events") == 10_000)
    }
}
