// SPDX-License-Identifier: Apache-2.0
import Kafka
import Logging
import Testing

@Suite(.enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaProducerTests {
    @Test func `a record comes back with its key, headers and value`() async throws {
        let test = try await KafkaTestCase()
        let headers = [
            KafkaHeader("ce_id", Array("intake/a/b/1".utf8)), KafkaHeader("empty", []),
            KafkaHeader("raw", [0, 255, 0]),
            KafkaHeader("ce_id", Array("again".utf8)),
        ]
        var sent = test.record("{\"a\":1}", partition: 1, headers: headers)
        sent.value = [0, 1, 2, 0]
        try await test.producer().send([sent])
        let got = try await test.read(1, from: test.consumer())
        #expect(got == [sent])
    }

    @Test func `send keeps the order of each partition and returns when all is acknowledged`() async throws {
        let test = try await KafkaTestCase()
        let producer = try test.producer()
        try await withThrowingTaskGroup { group in
            for partition in 0..<2 {
                group.addTask {
                    for start in stride(from: 0, to: 3_000, by: 500) {
                        try await producer.send(test.records(start..<start + 500, partition: partition))
                    }
                }
            }
            try await group.waitForAll()
        }
        let got = try await test.read(6_000, from: test.consumer())
        for partition in 0..<2 {
            #expect(got.filter { $0.partition == partition }.map(\.text) == (0..<3_000).map(String.init))
        }
    }

    @Test func `a missing topic is a retriable error that names the cause`() async throws {
        let test = try await KafkaTestCase()
        var record = test.record("lost")
        record.topic += ".missing"
        let producer = try test.producer()
        let found = await failure { () throws(KafkaError) in try await producer.send([record]) }
        guard case .failed(let code, _) = found else {
            Issue.record("the topic does not exist")
            return
        }
        #expect(code.isUnknownTopic && code.isRetriable && !code.isFatal)
        try await producer.send([test.record("still usable")])
    }

    @Test func `a record that is too large fails and the records before it are written`() async throws {
        let test = try await KafkaTestCase()
        var large = test.record("")
        large.value = [UInt8](repeating: 7, count: KafkaConfiguration.maximumRecordBytes + 1)
        let producer = try test.producer()
        await #expect(throws: KafkaError.self) {
            try await producer.send([test.record("before"), large, test.record("after")])
        }
        try await producer.send([test.record("next")])
        let got = try await test.read(2, from: test.consumer())
        #expect(got.map(\.text) == ["before", "next"])
    }

    @Test func `a record of several megabytes passes`() async throws {
        let test = try await KafkaTestCase()
        var large = test.record("")
        large.value = [UInt8](repeating: 7, count: 5_000_000)
        try await test.producer().send([large, test.record("after")])
        let got = try await test.read(2, from: test.consumer())
        #expect(got.map(\.value.count) == [5_000_000, 5])
    }

    @Test func `a cancelled send returns although no broker answers`() async throws {
        let producer = try KafkaProducer(
            KafkaConfiguration(brokers: "127.0.0.1:1", clientID: "paraph-tests"), logger: .disabled)
        let record = KafkaRecord(topic: "nowhere", partition: 0, key: [], value: [1])
        let outcome = await withTaskGroup(of: KafkaError?.self) { group in
            group.addTask { await failure { () throws(KafkaError) in try await producer.send([record]) } }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(outcome == .cancelled)
    }

    @Test func `unreachable brokers end the wait with a retriable timeout`() async throws {
        let producer = try KafkaProducer(
            KafkaConfiguration(brokers: "127.0.0.1:1", clientID: "paraph-tests", deliveryTimeoutMilliseconds: 300),
            logger: .disabled)
        let found = await failure { () throws(KafkaError) in
            try await producer.send([KafkaRecord(topic: "nowhere", partition: 0, key: [], value: [1])])
        }
        #expect(found?.isRetriable == true && found?.isFatal == false)
    }

    @Test func `a closed producer refuses records`() async throws {
        let test = try await KafkaTestCase()
        let producer = try test.producer()
        try await producer.send([test.record("first")])
        try await producer.close(timeoutMilliseconds: 5_000)
        await #expect(throws: KafkaError.closed) { try await producer.send([test.record("second")]) }
    }

    @Test func `a broker that is away for some seconds loses, repeats and reorders nothing`() async throws {
        let broker = KafkaBroker()
        let test = try await KafkaTestCase(broker)
        let producer = try test.producer()
        try await withThrowingTaskGroup { group in
            group.addTask {
                for start in stride(from: 0, to: 5_000, by: 100) {
                    try await producer.send(test.records(start..<start + 100))
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(200))
                await broker.stop()
                try await Task.sleep(for: .seconds(3))
                try await broker.start()
            }
            try await group.waitForAll()
        }
        let got = try await test.read(5_000, from: test.consumer())
        #expect(got.map(\.text) == (0..<5_000).map(String.init))
        await broker.stop()
        try await broker.empty()
    }
}
