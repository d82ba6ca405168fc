// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import Kafka
package import Logging
import Synchronization

/// The production driver: consumers are librdkafka groups on topics that the producers' relays fill.
package final class KafkaMessageLog: MessageLog {
    package let name = "kafka"

    /// How the cluster is reached.
    package let configuration: KafkaConfiguration
    let logger: Logger
    private let instance: String?
    private let announcer = Mutex<KafkaProducer?>(nil)

    /// `instance` makes memberships static and must then differ between the processes of a service.
    package init(_ configuration: KafkaConfiguration, instance: String? = nil, logger: Logger) {
        self.configuration = configuration
        self.instance = instance
        self.logger = logger
    }

    /// Creates what is missing of the topics and their dead-letter topics, then joins the group.
    ///
    /// - Throws: `KafkaError`; `partitionCountDiffers` needs an operator.
    package func subscribe(consumer: String, topics: [Topic]) async throws -> any MessageSubscription {
        try await createTopics(topics, deadLettersOf: consumer)
        return try KafkaSubscription(log: self, consumer: consumer, topics: topics)
    }

    /// Creates what is missing; `consumer` nil for those who only write.
    ///
    /// - Throws: `KafkaError`.
    package func createTopics(_ topics: [Topic], deadLettersOf consumer: String? = nil) async throws {
        var wanted = topics.map { (name: $0.name, partitions: $0.lanes) }
        if let consumer {
            wanted += topics.map { (KafkaMessageCoding.deadLetterTopic(of: $0, consumer: consumer), 1) }
        }
        try await KafkaAdmin(configuration, logger: logger).createTopics(wanted)
    }

    func makeConsumer(_ consumer: String, _ topics: [Topic]) throws -> KafkaConsumer {
        // Two loops of one process in one group need two static names.
        let member = instance.map { ([$0] + topics.map(\.name)).joined(separator: "/") }
        return try KafkaConsumer(
            configuration, group: consumer, topics: topics.map(\.name), instance: member, logger: logger)
    }

    /// Writes dead letters to their topics; a producer that failed for good is replaced by the next call.
    func announce(_ letters: [DeadLetter]) async throws {
        let producer = try announcer.withLock { producer in
            let current = try producer ?? KafkaProducer(configuration, logger: logger)
            producer = current
            return current
        }
        do {
            try await producer.send(letters.map { KafkaMessageCoding.record($0) })
        } catch {
            if error.isFatal { announcer.withLock { if $0 === producer { $0 = nil } } }
            throw error
        }
    }
}
