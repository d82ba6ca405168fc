// SPDX-License-Identifier: Apache-2.0
import Kafka
import Testing

@Suite(.enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaConsumerTests {
    @Test func `the next member goes on behind what was committed and sees the rest again`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        try await test.producer().send(test.records(0..<10))
        let first = try test.consumer()
        let read = try await test.read(10, from: first)
        let partition = try #require(read.first).topicPartition
        try await first.commit([TopicPartitionOffset(partition, next: 4)])
        await first.close()
        let again = try await test.read(6, from: test.consumer())
        #expect(again.map(\.text) == (4..<10).map(String.init))
    }

    @Test func `a second member takes half of the partitions and all of them when the first leaves`() async throws {
        let test = try await KafkaTestCase(partitions: 4)
        var holdings: [[TopicPartition]] = [[], []]
        var revocations = 0
        func take(_ rebalances: [Rebalance], for number: Int) {
            for change in rebalances {
                switch change {
                case .assigned(let partitions): holdings[number] = partitions
                case .revoked(let partitions, let lost):
                    #expect(!lost && Set(partitions) == Set(holdings[number]))
                    holdings[number] = []
                    revocations += 1
                }
            }
        }
        let first = try test.consumer()
        try await test.poll(first) { poll in
            take(poll.rebalances, for: 0)
            return holdings[0].count == 4
        }
        let second = try test.consumer()
        try await test.poll(second) { poll in
            take(poll.rebalances, for: 1)
            take(try await first.poll(maximum: 10, timeoutMilliseconds: 10).rebalances, for: 0)
            return holdings.map(\.count) == [2, 2]
        }
        #expect(Set(holdings[0] + holdings[1]).count == 4)
        #expect(revocations == 1)
        await first.close()
        try await test.poll(second) { poll in
            take(poll.rebalances, for: 1)
            return holdings[1].count == 4
        }
    }

    @Test func `a static member that returns within its session gets its partitions back without a rebalance`()
        async throws
    {
        let test = try await KafkaTestCase(partitions: 2)
        try await test.producer().send(test.records(0..<1, partition: 0) + test.records(0..<1, partition: 1))
        let other = try test.consumer(instance: "other")
        var held = 0
        try await test.poll(other) { poll in
            for case .assigned(let partitions) in poll.rebalances { held = partitions.count }
            return held == 2
        }
        do {
            let leaving = try test.consumer(instance: "returning")
            var joined = false
            for _ in 0..<600 where !joined || held != 1 {
                for case .assigned in try await leaving.poll(maximum: 1, timeoutMilliseconds: 50).rebalances {
                    joined = true
                }
                for change in try await other.poll(maximum: 10, timeoutMilliseconds: 50).rebalances {
                    if case .assigned(let partitions) = change { held = partitions.count }
                }
            }
            await leaving.close()
        }
        let returned = try test.consumer(instance: "returning")
        var changes: [Rebalance] = []
        try await test.poll(returned) { poll in
            changes += try await other.poll(maximum: 10, timeoutMilliseconds: 10).rebalances
            return !poll.rebalances.isEmpty
        }
        #expect(changes.isEmpty)
    }

    @Test func `a paused partition brings nothing and goes on where it stopped`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        let producer = try test.producer()
        try await producer.send(test.records(0..<5))
        let consumer = try test.consumer()
        let partitions = Set(try await test.read(5, from: consumer).map(\.topicPartition))
        try await producer.send(test.records(5..<10))
        #expect(try await consumer.poll(maximum: 10, timeoutMilliseconds: 700, pausing: partitions).records.isEmpty)
        #expect(try await test.read(5, from: consumer).map(\.text) == (5..<10).map(String.init))
    }

    @Test func `a poll for nothing brings news only, and no record is lost or moved`() async throws {
        let test = try await KafkaTestCase(partitions: 2)
        try await test.producer().send(test.records(0..<50) + test.records(0..<50, partition: 1))
        let consumer = try test.consumer()
        var isAssigned = false
        for _ in 0..<600 where !isAssigned {
            let poll = try await consumer.poll(maximum: 0, timeoutMilliseconds: 100)
            #expect(poll.records.isEmpty)
            isAssigned = !poll.rebalances.isEmpty
        }
        for _ in 0..<5 {
            #expect(try await consumer.poll(maximum: 0, timeoutMilliseconds: 100).records.isEmpty)
            try await consumer.stayAlive(idleSeconds: 0)
        }
        let got = try await test.read(100, from: consumer)
        for partition in 0..<2 {
            #expect(got.filter { $0.partition == partition }.map(\.text) == (0..<50).map(String.init))
        }
    }

    /// A member that stays alive without polling, and one that joined meanwhile.
    ///
    /// Each time it stays alive, the busy member pauses what it holds: before the group takes all of it, and after.
    private static func busyMemberAndSecond(
        _ test: KafkaTestCase
    ) async throws -> (busy: KafkaConsumer, second: KafkaConsumer) {
        let busy = try test.consumer()
        try await test.poll(busy) { !$0.rebalances.isEmpty }
        let second = try test.consumer()
        try await test.poll(second) { poll in
            try await busy.stayAlive(idleSeconds: 0)
            return !poll.rebalances.isEmpty
        }
        return (busy, second)
    }

    @Test func `a busy member that stays alive reports a rebalance with its next poll`() async throws {
        let test = try await KafkaTestCase(partitions: 2)
        let (busy, second) = try await Self.busyMemberAndSecond(test)
        var changes: [Rebalance] = []
        try await test.poll(busy) { poll in
            changes += poll.rebalances
            return changes.count >= 2
        }
        guard case .revoked(let gone, _) = changes[0], case .assigned(let kept) = changes[1] else {
            Issue.record("revoked, then assigned")
            return
        }
        #expect(gone.count == 2 && kept.count == 1)
        await second.close()
    }

    @Test func `a partition that was paused while the group rebalanced is read on`() async throws {
        let test = try await KafkaTestCase(partitions: 2)
        let (busy, second) = try await Self.busyMemberAndSecond(test)
        try await test.producer().send([test.record("left"), test.record("right", partition: 1)])
        let texts = try await test.read(1, from: busy).map(\.text) + test.read(1, from: second).map(\.text)
        #expect(texts.sorted() == ["left", "right"])
    }

    @Test func `a record that comes behind a rebalance within one poll is kept`() async throws {
        let test = try await KafkaTestCase(partitions: 2)
        let first = try test.consumer()
        try await test.poll(first) { !$0.rebalances.isEmpty }
        async let waiting = first.poll(maximum: 10, timeoutMilliseconds: 60_000)
        let second = try test.consumer()
        try await test.poll(second) { !$0.rebalances.isEmpty }
        try await test.producer().send([test.record("left"), test.record("right", partition: 1)])
        let poll = try await waiting
        #expect(poll.rebalances.count == 2)
        #expect(poll.records.count == 1)
    }

    @Test func `offsets committed without waiting are stored when the member has closed`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        try await test.producer().send(test.records(0..<10))
        let first = try test.consumer()
        let partition = try #require(try await test.read(10, from: first).first).topicPartition
        try await first.commitLater([TopicPartitionOffset(partition, next: 7)])
        await first.close()
        #expect(try await test.read(3, from: test.consumer()).map(\.text) == ["7", "8", "9"])
    }

    @Test func `offsets that the coordinator refuses come back`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        let consumer = try test.consumer()
        try await test.poll(consumer) { !$0.rebalances.isEmpty }
        let refused = TopicPartitionOffset(.init(topic: test.topic, partition: 9), next: 1)
        try await consumer.commitLater([refused])
        try await test.poll(consumer) { $0.uncommitted == [refused] }
    }

    @Test func `seek reads on from the place given`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        try await test.producer().send(test.records(0..<5))
        let consumer = try test.consumer()
        let read = try await test.read(5, from: consumer)
        try await consumer.seek([TopicPartitionOffset(try #require(read.first).topicPartition, next: 2)])
        #expect(try await test.read(3, from: consumer).map(\.text) == ["2", "3", "4"])
    }

    @Test func `an interrupted poll returns before its time`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        let consumer = try test.consumer()
        try await test.poll(consumer) { !$0.rebalances.isEmpty }
        async let waiting = consumer.poll(maximum: 1, timeoutMilliseconds: 600_000)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(20))
            consumer.interrupt()
        }
        #expect(try await waiting == consumer.poll(maximum: 1, timeoutMilliseconds: 0))
    }

    @Test func `a member closes although its broker is gone`() async throws {
        let broker = KafkaBroker()
        let test = try await KafkaTestCase(broker, partitions: 1)
        try await test.producer().send(test.records(0..<5))
        let consumer = try test.consumer()
        let partition = try #require(try await test.read(5, from: consumer).first).topicPartition
        await broker.stop()
        try await consumer.commitLater([TopicPartitionOffset(partition, next: 5)])
        await consumer.close()
        #expect(await failure { () throws(KafkaError) in try await consumer.commit([]) } == .closed)
        try await broker.empty()
    }

    @Test func `a closed consumer says so`() async throws {
        let test = try await KafkaTestCase()
        let consumer = try test.consumer()
        await consumer.close()
        await #expect(throws: KafkaError.closed) { try await consumer.poll(maximum: 1, timeoutMilliseconds: 1) }
        await #expect(throws: KafkaError.closed) {
            try await consumer.commit([TopicPartitionOffset(.init(topic: test.topic, partition: 0), next: 1)])
        }
    }

    @Test func `a commit for a partition that is not there is refused with its code`() async throws {
        let test = try await KafkaTestCase(partitions: 1)
        let consumer = try test.consumer()
        try await test.poll(consumer) { !$0.rebalances.isEmpty }
        await #expect(throws: KafkaError.self) {
            try await consumer.commit([TopicPartitionOffset(.init(topic: test.topic, partition: 9), next: 1)])
        }
    }
}
