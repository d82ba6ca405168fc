// SPDX-License-Identifier: Apache-2.0
import Foundation
import Kafka
import Logging
import Testing

/// What the tests against a broker share.
struct KafkaTestCase {
    let broker: KafkaBroker
    let topic = "test.\(UUID().uuidString.lowercased())"
    let group = "group.\(UUID().uuidString.lowercased())"

    init(_ broker: KafkaBroker = .shared, partitions: Int = 2) async throws {
        self.broker = broker
        try await broker.start()
        try await KafkaAdmin(configuration, logger: .disabled).createTopics([(topic, partitions)])
    }

    var configuration: KafkaConfiguration {
        KafkaConfiguration(brokers: broker.brokers, clientID: "paraph-tests")
    }

    func producer() throws -> KafkaProducer { try KafkaProducer(configuration, logger: .disabled) }

    func consumer(instance: String? = nil) throws -> KafkaConsumer {
        try KafkaConsumer(configuration, group: group, topics: [topic], instance: instance, logger: .disabled)
    }

    func record(_ text: String, partition: Int = 0, headers: [KafkaHeader] = []) -> KafkaRecord {
        KafkaRecord(
            topic: topic, partition: partition, key: Array("key".utf8), headers: headers, value: Array(text.utf8))
    }

    func records(_ range: Range<Int>, partition: Int = 0) -> [KafkaRecord] {
        range.map { record(String($0), partition: partition) }
    }

    /// Polls until `count` records have come, or fails after a minute of polls.
    func read(_ count: Int, from consumer: KafkaConsumer) async throws -> [KafkaRecord] {
        var records: [KafkaRecord] = []
        try await poll(consumer) { poll in
            records += poll.records
            return records.count >= count
        }
        return records
    }

    /// Polls until `isDone` says so.
    func poll(_ consumer: KafkaConsumer, until isDone: (KafkaPoll) async throws -> Bool) async throws {
        for _ in 0..<600 {
            if try await isDone(await consumer.poll(maximum: 1_000, timeoutMilliseconds: 100)) { return }
        }
        Issue.record("the consumer did not get there")
    }
}

/// What the body threw; nil when it went well.
func failure(of body: () async throws(KafkaError) -> Void) async -> KafkaError? {
    do throws(KafkaError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension KafkaRecord {
    var text: String { String(decoding: value, as: UTF8.self) }
}
