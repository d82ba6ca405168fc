// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Logging
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

/// Partitions, back-pressure and rights.
struct OutboxKeepingTests {
    @Test func `a consumer that was stopped for days loses nothing, and what all have read is dropped after 24 h`()
        async throws
    {
        let fixture = try await MessagingFixture.make()
        let partitions = OutboxPartitions(pool: fixture.producerPool, clock: fixture.clock.clock, logger: .disabled)
        let keys = MessagingFixture.keys(30)
        try await fixture.write(2, to: keys)
        fixture.clock.advance(bySeconds: 3 * 86_400)
        try await partitions.ensure()
        #expect(try await partitions.dropSettled() == 1)  // the empty day after
        try await fixture.write(1, to: keys)

        let log = PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: .disabled)
        try await withServices([fixture.consumer(log, RecordingHandler())]) {
            try await eventually { try await fixture.effectCount() == 90 }
            try await eventually { try await partitions.dropSettled() == 1 }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 3, of: keys).isClean)
        let left = try await fixture.producerPool.execute(PostgresStatement("select distinct day from outbox")).rows
        #expect(try left.map { try $0.string(0) } == ["2026-11-23"])
        await fixture.close()
    }

    @Test func `intake learns from its outbox that readers are behind`() async throws {
        let fixture = try await MessagingFixture.make()
        let pressure = BackPressure(
            pool: fixture.producerPool, clock: fixture.clock.clock, logger: .disabled, metrics: fixture.metrics)
        try await pressure.refresh()
        #expect(pressure.status == BackPressure.Status())
        try await fixture.write(3, to: MessagingFixture.keys(10))
        fixture.clock.advance(bySeconds: 31)
        try await pressure.refresh()
        #expect(pressure.status.oldestUnreadSeconds == 31)
        #expect(pressure.status.unreadRows == 30)
        #expect(pressure.status.isOverloaded)
        #expect(fixture.metrics.prometheusText().contains("paraph_outbox_oldest_unread_seconds 31"))

        let log = PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: .disabled)
        try await withServices([fixture.consumer(log, RecordingHandler())]) {
            try await eventually {
                try await pressure.refresh()
                return pressure.status.unreadRows == 0
            }
        }
        #expect(!pressure.status.isOverloaded)
        await fixture.close()
    }

    @Test func `an open transaction shows as age of the horizon`() async throws {
        let fixture = try await MessagingFixture.make()
        let pressure = BackPressure(
            pool: fixture.consumerPool, clock: fixture.clock.clock, logger: .disabled, metrics: fixture.metrics)
        try await fixture.producerPool.withTransaction { transaction in
            _ = try await transaction.execute(PostgresStatement("select pg_current_xact_id()"))
            try await eventually {
                try await pressure.refresh()
                return pressure.status.horizonAgeSeconds > 0.2
            }
        }
        await fixture.close()
    }

    @Test func `each role is refused in every other schema but for the views that were granted to it`() async throws {
        let fixture = try await MessagingFixture.make(roles: ServiceRole.allCases)
        for role in ServiceRole.allCases {
            let pool = fixture.database.pool(role, size: 1)
            for other in ServiceRole.allCases where other != role {
                for table in ["outbox", "outbox_stream", "lane_cursor", "stream_position", "dead_letters"] {
                    await #expect(throws: PostgresError.self, "\(role) reads \(other).\(table)") {
                        try await pool.execute(PostgresStatement("select 1 from \(other.schema).\(table) limit 1"))
                    }
                }
                for topic in TopicRouting.topics(from: other) {
                    let view = "\(other.schema).\(TopicRouting.view(of: topic))"
                    let statement = PostgresStatement("select 1 from \(view) limit 1")
                    if TopicRouting.topics(to: role).contains(topic) {
                        _ = try await pool.execute(statement)
                    } else {
                        await #expect(throws: PostgresError.self) { try await pool.execute(statement) }
                    }
                }
            }
            for statement in ["update outbox set seq = 1", "delete from outbox", "drop table outbox"] {
                await #expect(throws: PostgresError.self) { try await pool.execute(PostgresStatement(statement)) }
            }
            await pool.close()
        }
        await fixture.close()
    }

    @Test func `rows restored from another cluster are seen again once the owner has connected the schemas`()
        async throws
    {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(5)
        try await fixture.write(2, to: keys)
        let owner = fixture.database.ownerPool(of: .intake)
        _ = try await owner.execute(PostgresStatement("update outbox set transaction_id = '900000000000'"))
        _ = try await owner.execute(PostgresStatement("update outbox_cluster set system_identifier = 1"))
        let log = PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: .disabled)
        try await withServices([fixture.consumer(log, RecordingHandler())]) {
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await fixture.effectCount() == 0)
            try await MessagingMigrations.connect(as: owner)
            try await eventually { try await fixture.effectCount() == 10 }
        }
        await owner.close()
        await fixture.close()
    }

    @Test func `every topic has its writers, and readers but for what nobody acts on yet`() {
        #expect(Set(TopicRouting.routes.map(\.topic)) == Set(Topic.all))
        #expect(TopicRouting.routes.allSatisfy { !$0.producers.isEmpty })
        #expect(TopicRouting.routes.filter { $0.readers.isEmpty }.map(\.topic) == [.retentionEvents])
        #expect(TopicRouting.topics(to: .vault) == [.evidenceCommands, .retentionCommands, .auditEvents])
    }
}
