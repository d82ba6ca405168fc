// SPDX-License-Identifier: Apache-2.0
import Kafka
import Logging
import Testing

struct KafkaConfigurationTests {
    @Test(arguments: ["transactional.id", "enable.auto.commit", "acks", "auto.offset.reset"])
    func `what correctness rests on cannot be overridden`(property: String) {
        let configuration = KafkaConfiguration(
            brokers: "127.0.0.1:1", clientID: "paraph-tests", properties: [property: "1"])
        #expect(throws: KafkaError.configuration(property: property, reason: "Paraph fixes it; remove it")) {
            try KafkaProducer(configuration, logger: .disabled)
        }
    }

    @Test func `a wrong setting is named and its value is not repeated`() async {
        let configuration = KafkaConfiguration(
            brokers: "127.0.0.1:1", clientID: "paraph-tests", properties: ["security.protocol": "secret-value"])
        let found = await failure { () throws(KafkaError) in
            _ = try KafkaConsumer(configuration, group: "g", topics: ["t"], logger: .disabled)
        }
        #expect(found?.description.contains("security.protocol") == true)
        #expect(found?.description.contains("secret-value") == false)
    }

    @Test func `a client that never reached a broker opens and closes cleanly`() async throws {
        let configuration = KafkaConfiguration(brokers: "127.0.0.1:1", clientID: "paraph-tests")
        for _ in 0..<3 {
            let consumer = try KafkaConsumer(configuration, group: "g", topics: ["t"], logger: .disabled)
            let poll = try await consumer.poll(maximum: 1, timeoutMilliseconds: 1)
            #expect(poll.records.isEmpty)
            await consumer.close()
            try await KafkaProducer(configuration, logger: .disabled).close(timeoutMilliseconds: 100)
        }
        await #expect(throws: KafkaError.self) {
            try await KafkaAdmin(configuration, logger: .disabled).partitionCounts(100)
        }
    }
}
