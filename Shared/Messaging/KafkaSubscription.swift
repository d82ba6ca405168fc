// SPDX-License-Identifier: Apache-2.0
import Contracts
import Kafka
import Logging
import Postgres
import Synchronization

/// One group member: partitions are lanes, positions are offsets to read next, and stream positions alone decide what
/// is new, so a partition that moved while a batch was in hand does no harm.
final class KafkaSubscription: MessageSubscription {
    private struct State {
        var consumer: KafkaConsumer?
        var held: Set<TopicPartition> = []
        /// Lanes to be reported as lost by the next `next`.
        var lost: Set<LaneID> = []
        /// Offsets that the coordinator has not taken yet.
        var uncommitted: [TopicPartition: Int64] = [:]
        var isInterrupted = false
        var repairedAt = ContinuousClock.now
    }

    private static let idleSeconds = 15.0

    private let log: KafkaMessageLog
    private let consumer: String
    private let topics: [String: Topic]
    private let state: Mutex<State>

    init(log: KafkaMessageLog, consumer: String, topics: [Topic]) throws {
        self.log = log
        self.consumer = consumer
        self.topics = Dictionary(topics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        state = Mutex(State(consumer: try log.makeConsumer(consumer, topics)))
    }

    // MARK: - Reading

    func next(maximum: Int, pausing: Set<LaneID>, waitingAtMost seconds: Double) async throws -> MessageBatch {
        let (member, isInterrupted) = try member()
        let poll: KafkaPoll
        do {
            poll = try await member.poll(
                maximum: maximum, timeoutMilliseconds: isInterrupted ? 0 : Int(seconds * 1_000),
                pausing: Set(pausing.map { TopicPartition(topic: $0.topic.name, partition: $0.number) }))
        } catch {
            // The member is of no more use: the next call makes another one.
            state.withLock { state in
                state.lost.formUnion(lanes(state.held))
                state.held = []
                state.uncommitted = [:]
                state.consumer = nil
            }
            throw error
        }
        var batch = MessageBatch()
        batch.lost = takeChanges(of: poll)
        for record in poll.records { admit(record, to: &batch) }
        try await mend(poll.problems)
        return batch
    }

    /// The present member, or a new one after the last one failed for good.
    private func member() throws -> (KafkaConsumer, isInterrupted: Bool) {
        try state.withLock { state in
            let member = try state.consumer ?? log.makeConsumer(consumer, Array(topics.values))
            state.consumer = member
            return (member, state.isInterrupted)
        }
    }

    /// Takes over assignments and refused offsets; answers the lanes that were lost.
    private func takeChanges(of poll: KafkaPoll) -> Set<LaneID> {
        state.withLock { state in
            for change in poll.rebalances {
                switch change {
                case .assigned(let partitions): state.held.formUnion(partitions)
                case .revoked(let partitions, _):
                    state.held.subtract(partitions)
                    state.lost.formUnion(lanes(partitions))
                    for partition in partitions { state.uncommitted[partition] = nil }
                }
            }
            for refused in poll.uncommitted where state.held.contains(refused.topicPartition) {
                let newer = state.uncommitted[refused.topicPartition] ?? 0
                state.uncommitted[refused.topicPartition] = max(newer, refused.offset)
            }
            defer { state.lost = [] }
            return state.lost
        }
    }

    private func admit(_ record: KafkaRecord, to batch: inout MessageBatch) {
        guard let topic = topics[record.topic] else { return }
        let lane = LaneID(topic: topic, number: record.partition)
        // The offset to read next, so that the first record lies behind `LanePosition.start`.
        let position = LanePosition(major: 0, minor: record.offset + 1)
        do throws(KafkaMessageCoding.Malformed) {
            let message = try KafkaMessageCoding.message(record, topic: topic)
            batch.deliveries.append(Delivery(message: message, lane: lane, position: position))
        } catch {
            batch.malformed.append(
                MalformedDelivery(lane: lane, position: position, detail: error.detail, payload: record.value))
        }
    }

    /// Creates topics again that a cluster lost, at most every five seconds; all else librdkafka mends itself.
    private func mend(_ problems: [KafkaErrorCode]) async throws {
        for problem in problems {
            log.logger.warning(
                "Kafka consumer met a problem", [.consumer: .string(consumer), .errorCode: .string(problem.name)])
        }
        guard problems.contains(where: \.isUnknownTopic) else { return }
        let isDue = state.withLock { state in
            guard ContinuousClock.now - state.repairedAt >= .seconds(5) else { return false }
            state.repairedAt = .now
            return true
        }
        if isDue { try await log.createTopics(Array(topics.values), deadLettersOf: consumer) }
    }

    private func lanes(_ partitions: some Sequence<TopicPartition>) -> [LaneID] {
        partitions.compactMap { partition in
            topics[partition.topic].map { LaneID(topic: $0, number: partition.partition) }
        }
    }

    func heldLanes() -> [Topic: Set<Int>] {
        let held = state.withLock { $0.held }
        return Dictionary(grouping: lanes(held), by: \.topic).mapValues { Set($0.map(\.number)) }
    }

    // MARK: - Settling

    /// Nothing: offsets live in the broker, and a lane's new reader is told apart by the stream positions.
    func fences(_ lanes: Set<LaneID>) throws -> [PostgresStatement] { [] }

    func acknowledge(_ progress: [LaneProgress]) async throws {
        let (member, positions) = state.withLock { state in
            for progress in progress {
                let partition = TopicPartition(topic: progress.lane.topic.name, partition: progress.lane.number)
                guard state.held.contains(partition) else { continue }
                state.uncommitted[partition] = max(state.uncommitted[partition] ?? 0, progress.position.minor)
            }
            defer { state.uncommitted = [:] }
            return (state.consumer, state.uncommitted.map { TopicPartitionOffset($0.key, next: $0.value) })
        }
        try await member?.commitLater(positions)
    }

    /// Nothing is ever `revoking`: the group's rebalance takes lanes at once.
    func release(_ lanes: Set<LaneID>) async throws {}

    func announce(_ deadLetters: [DeadLetter]) async throws { try await log.announce(deadLetters) }

    // MARK: - Duties

    /// Keeps the membership while handlers take long.
    func maintain() async {
        while !Task.isCancelled {
            // What goes wrong here goes wrong in `next` too, which reports it.
            try? await state.withLock { $0.consumer }?.stayAlive(idleSeconds: Self.idleSeconds)
            try? await Task.sleep(for: .seconds(2))
        }
    }

    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            return state.consumer
        }?.interrupt()
    }

    func close() async { await state.withLock { $0.consumer }?.close() }
}
