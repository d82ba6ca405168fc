// SPDX-License-Identifier: Apache-2.0
import Audit
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging
import Postgres
import TestSupport
import Testing

@testable import Vault

/// What is remembered of chains and causes may be out of date; the log must not be.
@Suite struct AuditLogTests {
    @Test func `processes that append to one chain in turn make one chain`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let processes = [fixture.audit, fixture.process().audit, fixture.process().audit]
        for seq in 1...9 as ClosedRange<Int64> {
            let message = try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: seq)
            try await fixture.deliver([message], to: processes[Int(seq) % 3])
        }
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 9, head: export.head))
    }

    @Test func `a writer that is overtaken before its transaction ends appends behind the other`() async throws {
        let fixture = try await VaultFixture()
        let other = fixture.process()
        let envelopes = (0..<3).map { _ in EnvelopeID(fixture.ids.next()) }
        func event(_ envelope: EnvelopeID, _ type: AuditEventType) -> SealedEvent {
            SealedEvent(own: fixture.fact(type, envelope: envelope))
        }
        let now = fixture.clock.clock.now()
        // Known to the first as begun, as absent, and not at all.
        try await fixture.pool.withTransaction {
            try await fixture.log.append([event(envelopes[0], "a.first")], at: now, in: $0)
        }
        _ = try await fixture.log.dataKeys(of: [envelopes[1].uuid])
        try await other.pool.withTransaction { transaction in
            try await other.log.append(envelopes.map { event($0, "b.second") }, at: now, in: transaction)
        }
        try await fixture.pool.withTransaction {
            try await fixture.log.append(envelopes.map { event($0, "a.third") }, at: now, in: $0)
        }
        #expect(try await fixture.types(envelopes[0]) == ["a.first", "b.second", "a.third"])
        for envelope in envelopes[1...] { #expect(try await fixture.types(envelope) == ["b.second", "a.third"]) }
        for envelope in envelopes {
            let export = try #require(try await fixture.trail(envelope))
            #expect(ChainVerifier.verify(export) == .intact(events: export.count, head: export.head))
        }
    }

    @Test func `writers that begin and extend the same chains at once lose nothing`() async throws {
        let fixture = try await VaultFixture()
        let envelopes = (0..<5).map { _ in EnvelopeID(fixture.ids.next()) }
        let writers = (0..<4).map { _ in fixture.process() }
        let now = fixture.clock.clock.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in writers {
                group.addTask {
                    for _ in 0..<10 {
                        try await writer.pool.withTransaction { transaction in
                            try await writer.log.append(
                                envelopes.map { SealedEvent(own: fixture.fact("x.y", envelope: $0)) }, at: now,
                                in: transaction)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        for envelope in envelopes {
            let export = try #require(try await fixture.trail(envelope))
            #expect(ChainVerifier.verify(export) == .intact(events: 40, head: export.head))
        }
    }

    @Test func `an append that is rolled back leaves no trace in memory`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let now = fixture.clock.clock.now()
        struct Crash: Error {}
        for _ in 0..<2 {
            await #expect(throws: Crash.self) {
                try await fixture.pool.withTransaction {
                    try await fixture.log.append(
                        [SealedEvent(own: fixture.fact("x.lost", envelope: envelope))], at: now, in: $0)
                    throw Crash()
                }
            }
            try await fixture.pool.withTransaction {
                try await fixture.log.append(
                    [SealedEvent(own: fixture.fact("x.kept", envelope: envelope))], at: now, in: $0)
            }
        }
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 2, head: export.head))
        #expect(try await fixture.types(envelope) == ["x.kept", "x.kept"])
    }

    @Test func `a chain that a restore took away is not gone on with`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let messages = try (1...3).map {
            try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: $0)
        }
        try await fixture.deliver([messages[0]], to: fixture.audit)
        let owner = fixture.database.ownerPool(of: .vault)
        _ = try await owner.batch(
            ["chain_heads", "audit_events"].map { PostgresStatement("delete from \($0)") })
        await owner.close()
        await #expect(throws: AuditLogConflict.self) {
            try await fixture.deliver([messages[1]], to: fixture.audit)
        }
        #expect(try await fixture.int("select count(*) from audit_events") == 0)
        #expect(try await fixture.int("select count(*) from chain_heads") == 0)
        try await fixture.deliver(messages, to: fixture.audit)
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 3, head: export.head))
    }

    @Test func `two processes that make a key for one chain end with one key`() async throws {
        let fixture = try await VaultFixture()
        let other = fixture.process()
        let envelope = EnvelopeID(fixture.ids.next())
        let person = PersonalData(name: "Zoë")
        let first = try fixture.message(
            fixture.fact("envelope.created", envelope: envelope), personal: person, seq: 1)
        let second = try fixture.message(
            fixture.fact("recipient.viewed", envelope: envelope), personal: person, producer: "orchestration", seq: 1)
        let early = try await other.audit.prepare([second])
        try await fixture.deliver([first], to: fixture.audit)
        await #expect(throws: AuditLogConflict.self) {
            try await other.pool.withTransaction { _ = try await other.audit.handle([second], early, in: $0) }
        }
        try await fixture.deliver([second], to: other.audit)
        #expect(try await fixture.types(envelope) == ["envelope.created", "recipient.viewed"])
        #expect(try await fixture.int("select count(distinct substr(personal, 1, 16)) from audit_events") == 1)
    }

    @Test func `a batch that is prepared again seals with the key of the first time`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let message = try fixture.message(
            fixture.fact("envelope.created", envelope: envelope), personal: PersonalData(name: "Zoë"), seq: 1)
        let attempts = [
            try await fixture.audit.prepare([message]), try await fixture.audit.prepare([message]),
        ]
        let keys = try attempts.map { try $0[0].get().dataKeyID }
        #expect(keys[0] != nil && keys[0] == keys[1])
    }

    @Test func `a cause that this process appended needs no look-up`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let causes = try (1...2).map {
            try fixture.message(fixture.fact("recipient.viewed", envelope: envelope), seq: $0)
        }
        try await fixture.deliver(causes, to: fixture.audit)
        // With the positions gone only memory can know.
        let owner = fixture.database.ownerPool(of: .vault)
        _ = try await owner.execute(PostgresStatement("delete from stream_position"))
        await owner.close()
        func effect(of cause: InboundMessage, producer: String) throws -> InboundMessage {
            try fixture.message(
                fixture.fact("envelope.opened", envelope: envelope), producer: producer, seq: 1, after: cause.id)
        }
        let known = try effect(of: causes[0], producer: "orchestration")
        #expect(try await fixture.deliver([known], to: fixture.audit).isEmpty)
        let unknown = try effect(of: causes[1], producer: "signing")
        #expect(try await fixture.deliver([unknown], to: fixture.process().audit) == [unknown.id])
    }

    @Test func `a message that cannot be read fails alone and only when it is due`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let good = try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: 1)
        let stream = MessageStream(producer: "signing", topic: .auditEvents, key: envelope.uuid)
        let bad = InboundMessage(
            stream: stream, seq: 1, type: "AuditEventV1", tenantID: fixture.tenant.uuid, time: good.time,
            payload: Array("{}".utf8))
        let prepared = try await fixture.audit.prepare([bad, good])
        try await fixture.pool.withTransaction {
            _ = try await fixture.audit.handle([good], [prepared[1]], in: $0)
        }
        let failure = await #expect(throws: PermanentFailure.self) {
            try await fixture.pool.withTransaction {
                _ = try await fixture.audit.handle([bad], [prepared[0]], in: $0)
            }
        }
        #expect(failure?.code == "undecodable")
        #expect(try await fixture.types(envelope) == ["envelope.sent"])
    }
}
