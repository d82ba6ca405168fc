// SPDX-License-Identifier: Apache-2.0
import Kafka
import Logging
import Testing

@Suite(.enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaAdminTests {
    @Test func `only missing topics are created, also when two services start at once`() async throws {
        let test = try await KafkaTestCase(partitions: 3)
        let wanted = [(name: test.topic, partitions: 3), (name: test.topic + ".b", partitions: 12)]
        try await withThrowingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    try await KafkaAdmin(test.configuration, logger: .disabled).createTopics(wanted)
                }
            }
            try await group.waitForAll()
        }
        let counts = try await KafkaAdmin(test.configuration, logger: .disabled).partitionCounts()
        #expect(counts[test.topic] == 3)
        #expect(counts[test.topic + ".b"] == 12)
    }

    @Test func `a topic with another number of partitions stops the creation of all`() async throws {
        let test = try await KafkaTestCase(partitions: 3)
        let admin = try KafkaAdmin(test.configuration, logger: .disabled)
        await #expect(
            throws: KafkaError.partitionCountDiffers(topic: test.topic, expected: 12, found: 3)
        ) {
            try await admin.createTopics([(test.topic + ".new", 1), (test.topic, 12)])
        }
        #expect(try await admin.partitionCounts()[test.topic + ".new"] == nil)
    }

    @Test func `a cancelled task does not wait for a cluster that is away`() async throws {
        let admin = try KafkaAdmin(
            KafkaConfiguration(brokers: "127.0.0.1:1", clientID: "paraph-tests"), logger: .disabled)
        let outcome = await withTaskGroup(of: KafkaError?.self) { group in
            group.addTask {
                await failure { () throws(KafkaError) in
                    try await admin.createTopics([("never", 1)], timeoutMilliseconds: 3_600_000)
                }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(outcome != nil)
    }
}
