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

/// What a consumer does when its handler, its lanes or its database fail.
@Suite(.serialized)
struct ConsumerFailureTests {
    private func log(_ fixture: MessagingFixture) -> PostgresMessageLog {
        PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
    }

    @Test func `a message that fails is retried alone and becomes a dead letter when its attempts are used up`()
        async throws
    {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(10)
        let tries = Locked<[UUID: Int]>([:])
        let handler = RecordingHandler(fail: { message in
            let count = tries.change { counts in
                counts[message.key, default: 0] += 1
                return counts[message.key] ?? 0
            }
            if message.key == keys[0] || (message.key == keys[1] && count < 4) { throw Mishap() }
        })
        var settings = ConsumerSettings()
        settings.maximumAttempts = 5
        settings.retryInitialSeconds = 0.01
        let store = DeadLetterStore(pool: fixture.consumerPool, clock: fixture.clock.clock)
        try await withServices([fixture.consumer(log(fixture), handler, settings: settings)]) {
            try await fixture.write(1, to: keys)
            try await eventually { try await fixture.effectCount() == 9 }
            try await eventually { try await store.list().count == 1 }
        }
        let letter = try #require(try await store.list().first)
        #expect(letter.message.key == keys[0])
        #expect(letter.reasonCode == "retries_exhausted")
        #expect(letter.attempts == 5)
        await fixture.close()
    }

    @Test func `a transient failure waits for as long as it takes`() async throws {
        let fixture = try await MessagingFixture.make()
        let key = UUID()
        let tries = Locked(0)
        let handler = RecordingHandler(fail: { _ in
            tries.change { $0 += 1 }
            if tries.value < 12 { throw TransientFailure(code: "store_away") }
        })
        var settings = ConsumerSettings()
        settings.maximumAttempts = 2
        settings.retryInitialSeconds = 0.001
        settings.retryMaximumSeconds = 0.01
        try await withServices([fixture.consumer(log(fixture), handler, settings: settings)]) {
            try await fixture.write([key])
            try await eventually { try await fixture.effectCount() == 1 }
        }
        #expect(try await DeadLetterStore(pool: fixture.consumerPool, clock: fixture.clock.clock).list().isEmpty)
        await fixture.close()
    }

    @Test func `what a handler is not ready for waits with what follows it, and others go on`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(5)
        let isReady = Locked(false)
        let handler = RecordingHandler(hold: { messages in
            isReady.value ? [] : Set(messages.filter { $0.key == keys[2] && $0.seq >= 2 }.map(\.id))
        })
        try await withServices([fixture.consumer(log(fixture), handler)]) {
            try await fixture.write(4, to: keys)
            try await eventually { try await fixture.effectCount() == 17 }
            isReady.change { $0 = true }
            try await eventually { try await fixture.effectCount() == 20 }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 4, of: keys).isClean)
        await fixture.close()
    }

    @Test func `a member whose lane was taken while it performed an effect records nothing`() async throws {
        let fixture = try await MessagingFixture.make()
        let key = UUID()
        let administrator = PostgresPool(fixture.database.administrator, logger: .disabled, metrics: MetricsRegistry())
        let isStolen = Locked(false)
        let effects = RecordingEffects(perform: { _ in
            guard !isStolen.value else { return }
            _ = try await administrator.execute(
                PostgresStatement(
                    """
                    update orchestration.lane_lease
                    set owner = gen_random_uuid(), epoch = epoch + 1, expires_at = clock_timestamp() + interval '4 s'
                    """))
            isStolen.change { $0 = true }
        })
        try await withServices([fixture.consumer(log(fixture), effects: effects)]) {
            try await fixture.write([key])
            try await eventually { isStolen.value }
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await fixture.effectCount() == 0)
            // The thief dies; its lease expires and the work is done again, once.
            try await eventually { try await fixture.effectCount() == 1 }
        }
        #expect(fixture.logs.messages.contains("a batch was superseded"))
        #expect(Ledger(try await fixture.effects(), expecting: 1, of: [key]).isClean)
        await administrator.close()
        await fixture.close()
    }

    @Test func `a crash of the database pauses the consumer and uses up no attempt`() async throws {
        let server = try await TestPostgres.start()
        defer { server.stop() }
        let fixture = try await MessagingFixture.make(server: server)
        let keys = MessagingFixture.keys(20)
        var settings = ConsumerSettings(batchSize: 10)
        settings.maximumAttempts = 1
        try await withServices([fixture.consumer(log(fixture), RecordingHandler(), settings: settings)]) {
            try await fixture.write(5, to: keys)
            try await eventually { try await fixture.effectCount() > 0 }
            try server.crash()
            try await server.restart()
            try await eventually(timeoutSeconds: 30) {
                ((try? await fixture.write([keys[0]])) != nil)
            }
            try await eventually(timeoutSeconds: 30) { (try? await fixture.effectCount()) ?? 0 >= 101 }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 5, of: Array(keys.dropFirst())).isClean)
        #expect(try await DeadLetterStore(pool: fixture.consumerPool, clock: fixture.clock.clock).list().isEmpty)
        await fixture.close()
    }

    @Test func `cursors follow what was handled, and a member that stops leaves nothing to be read again`() async throws
    {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(30)
        func cursors() async throws -> [Int] {
            let moved = "select lane from lane_cursor where id > 0 order by lane"
            return try await fixture.consumerPool.execute(PostgresStatement(moved)).rows.map { try $0.int(0) }
        }
        let lanes = Set(keys.map { LaneHash.lane(of: $0, lanes: MessagingFixture.topic.lanes) }).sorted()
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await fixture.write(2, to: keys)
            try await eventually { try await fixture.effectCount() == 60 }
            try await eventually { try await cursors() == lanes }
            try await fixture.write(2, to: keys)
            try await eventually { try await fixture.effectCount() == 120 }
        }
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await fixture.write(1, to: keys)
            try await eventually { try await fixture.effectCount() == 150 }
        }
        let counter = fixture.metrics.counter("paraph_messages_total", "", labels: ["topic", "outcome"])
        #expect(counter.value(MessagingFixture.topic.name, "duplicate") == 0)
        #expect(Ledger(try await fixture.effects(), expecting: 5, of: keys).isClean)
        await fixture.close()
    }

    @Test func `what a crash left unacknowledged is read again and handled no second time`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(30)
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await fixture.write(2, to: keys)
            try await eventually { try await fixture.effectCount() == 60 }
        }
        // As if the last cursors had not reached the disk.
        _ = try await fixture.consumerPool.execute(
            PostgresStatement("update lane_cursor set transaction_id = '0', id = 0 where lane % 2 = 0"))
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await fixture.write(1, to: keys)
            try await eventually { try await fixture.effectCount() == 90 }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 3, of: keys).isClean)
        await fixture.close()
    }

    @Test func `a cursor of another cluster is set back to the start and replays`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(10)
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await fixture.write(2, to: keys)
            try await eventually { try await fixture.effectCount() == 20 }
        }
        _ = try await fixture.consumerPool.execute(PostgresStatement("update lane_cursor set system_identifier = 1"))
        let counter = fixture.metrics.counter("paraph_messages_total", "", labels: ["topic", "outcome"])
        try await withServices([fixture.consumer(log(fixture), RecordingHandler())]) {
            try await eventually { counter.value(MessagingFixture.topic.name, "duplicate") >= 20 }
        }
        #expect(try await fixture.effectCount() == 20)
        await fixture.close()
    }
}
