// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Messaging
import Postgres
import TestSupport
import Testing
import Tracing

struct OutboxWriterTests {
    @Test func `seq has no gap within a stream, also after a rollback and between concurrent writers`() async throws {
        let fixture = try await MessagingFixture.make()
        let key = UUID()
        struct Refused: Error {}
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    do {
                        try await fixture.producerPool.withTransaction { transaction in
                            let acts = [Act(messages: [fixture.message(key), fixture.message(key)])]
                            try await fixture.outbox.write(acts, in: transaction)
                            if index % 4 == 0 { throw Refused() }
                        }
                    } catch is Refused {}
                }
            }
            try await group.waitForAll()
        }
        let rows = try await fixture.producerPool.execute(PostgresStatement("select seq from outbox order by seq")).rows
        #expect(try rows.map { try $0.int(0) } == Array(1...60))
        await fixture.close()
    }

    @Test func `messages follow the last audit event of their act, audit events follow the cause's`() async throws {
        let fixture = try await MessagingFixture.make()
        let (first, second) = (UUID(), UUID())
        let cause = InboundMessage(
            stream: MessageStream(producer: "signing", topic: .signingResults, key: first), seq: 7, type: "T",
            tenantID: MessagingFixture.tenant, correlationID: CorrelationID("order-1"),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            auditAfter: "signing/audit.events.v1/x/3", time: MessagingFixture.start, payload: [])
        let audit = fixture.message(first, topic: .auditEvents)
        let count = try await fixture.producerPool.withTransaction { transaction in
            try await fixture.outbox.write(
                [
                    Act(audit: [audit, audit], messages: [fixture.message(first)], cause: cause),
                    Act(messages: [fixture.message(second)], cause: cause),
                ], in: transaction)
        }
        #expect(count == 4)
        let rows = try await fixture.producerPool.execute(
            PostgresStatement(
                """
                select audit_after, causation_id, correlation_id, traceparent, day, written_at,
                    'intake/' || topic || '/' || key || '/' || seq from outbox order by id
                """)
        ).rows
        let prefix = "intake/audit.events.v1/\(first.uuidString.lowercased())"
        #expect(
            try rows.map { try $0.string(6) } == [
                "\(prefix)/1", "\(prefix)/2", "intake/envelope.commands.v1/\(first.uuidString.lowercased())/1",
                "intake/envelope.commands.v1/\(second.uuidString.lowercased())/1",
            ])
        let theirs = "signing/audit.events.v1/x/3"
        #expect(try rows.map { try $0.stringOrNil(0) } == [theirs, theirs, "\(prefix)/2", theirs])
        for row in rows {
            #expect(try row.string(1) == cause.id)
            #expect(try row.string(2) == "order-1")
            #expect(try row.string(3) == cause.traceparent)
            #expect(try row.string(4) == "2026-11-20")
            #expect(try row.instant(5) == MessagingFixture.start)
        }
        await fixture.close()
    }

    @Test func `many acts of one transaction number each stream in their order and follow their own audit events`()
        async throws
    {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(40)
        for round in 0..<2 {
            let acts = (keys + keys.reversed()).map { key in
                Act(
                    audit: [fixture.message(key, "\(round)", topic: .auditEvents)],
                    messages: [fixture.message(key), fixture.message(key, topic: .envelopeEvents)])
            }
            let count = try await fixture.producerPool.withTransaction { transaction in
                try await fixture.outbox.write(acts, in: transaction)
            }
            #expect(count == 240)
        }
        let rows = try await fixture.producerPool.execute(
            PostgresStatement("select topic, key, seq, audit_after from outbox order by id")
        ).rows
        #expect(rows.count == 480)
        var last: [String: Int] = [:]
        for row in rows {
            let (topic, key) = (try row.string(0), try row.uuid(1).uuidString.lowercased())
            let seq = (last["\(topic)/\(key)"] ?? 0) + 1
            last["\(topic)/\(key)"] = seq
            #expect(try row.int(2) == seq)
            let audit = "audit.events.v1/\(key)"
            let after = topic == Topic.auditEvents.name ? nil : "intake/\(audit)/\(last[audit] ?? 0)"
            #expect(try row.stringOrNil(3) == after)
        }
        await fixture.close()
    }

    @Test func `a day without a partition is opened by its first writer`() async throws {
        let fixture = try await MessagingFixture.make()
        fixture.clock.advance(bySeconds: 40 * 86_400)
        try await fixture.write(MessagingFixture.keys(3))
        let rows = try await fixture.producerPool.execute(PostgresStatement("select distinct day from outbox")).rows
        #expect(try rows.map { try $0.string(0) } == ["2026-12-30"])
        await fixture.close()
    }

    @Test func `lanes of keys never change`() {
        let zero = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        #expect(LaneHash.lane(of: zero, lanes: 12) == Vectors.zero12)
        #expect(LaneHash.lane(of: MessagingFixture.tenant, lanes: 12) == Vectors.tenant12)
        #expect(LaneHash.lane(of: MessagingFixture.tenant, lanes: 48) == Vectors.tenant48)
        var counts = [Int](repeating: 0, count: 12)
        for _ in 0..<12_000 { counts[LaneHash.lane(of: UUID(), lanes: 12)] += 1 }
        #expect(counts.allSatisfy { (700...1300).contains($0) })
    }

    /// Computed once by an independent program; they are part of the wire format.
    private enum Vectors {
        static let zero12 = 6
        static let tenant12 = 5
        static let tenant48 = 5
    }
}
