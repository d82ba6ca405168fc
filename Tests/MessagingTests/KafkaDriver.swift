// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Kafka
import Logging
import Messaging
import Postgres
import ServiceKit
import TestSupport
import Testing

/// The Kafka driver on a broker of its own, with a relay of the producer's outbox.
struct KafkaDriver: ConformanceDriver {
    let name = "kafka"

    /// Nothing where there is no broker; the suites that need one say so.
    static var available: [any ConformanceDriver] { KafkaBroker.isAvailable ? [KafkaDriver()] : [] }

    func start(_ fixture: MessagingFixture) async throws -> any RunningDriver { try await running(fixture) }

    func running(_ fixture: MessagingFixture) async throws -> RunningKafka {
        let broker = KafkaBroker(isForgetful: false)
        try await broker.start()
        return RunningKafka(fixture: fixture, broker: broker)
    }
}

struct RunningKafka: RunningDriver {
    let fixture: MessagingFixture
    let broker: KafkaBroker

    var log: KafkaMessageLog {
        KafkaMessageLog(
            KafkaConfiguration(brokers: broker.brokers, clientID: "paraph-tests"), logger: fixture.logs.logger)
    }

    func log(pool: PostgresPool) -> any MessageLog { log }

    var relay: OutboxRelay {
        OutboxRelay(
            .intake, pool: fixture.producerPool, wakeUp: fixture.wakeUp, broker: log, clock: fixture.clock.clock,
            logger: fixture.logs.logger, metrics: fixture.metrics)
    }

    var services: [any Service] { [relay] }

    var memberEnvironment: [String: String] { ["MEMBER_DRIVER": "kafka", "MEMBER_BROKERS": broker.brokers] }

    /// Joins the group, commits the beginning of every lane and leaves.
    func rewind() async throws {
        let topic = MessagingFixture.topic
        let member = try KafkaConsumer(
            log.configuration, group: MessagingFixture.consumer, topics: [topic.name], logger: .disabled)
        var held: Set<TopicPartition> = []
        for _ in 0..<300 where held.count < topic.lanes {
            for case .assigned(let partitions) in try await member.poll(maximum: 0, timeoutMilliseconds: 100).rebalances
            {
                held.formUnion(partitions)
            }
        }
        #expect(held.count == topic.lanes)
        try await member.commit(held.map { TopicPartitionOffset($0, next: 0) })
        await member.close()
    }

    func stop() async {
        await broker.stop()
        try? await broker.empty()
    }
}

/// Runs a body with a broker and the wake-up of a fixture, and ends both whatever happens; relays are the body's.
func withKafka(_ body: (MessagingFixture, RunningKafka) async throws -> Void) async throws {
    let fixture = try await MessagingFixture.make()
    let running = try await KafkaDriver().running(fixture)
    let listener = PostgresListener(fixture.producerPool.configuration, channels: [WakeUp.channel]) {
        fixture.wakeUp.receive($0)
    }
    let result: Result<Void, any Error>
    do {
        try await withServices([listener, fixture.wakeUp]) { try await body(fixture, running) }
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await running.stop()
    await fixture.close()
    try result.get()
}
