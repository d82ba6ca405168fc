// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import Testing

@testable import Messaging

struct KafkaRelayQueueTests {
    private let now = ContinuousClock.now
    private let lanes = (0..<3).map { LaneID(topic: .envelopeCommands, number: $0, producer: "intake") }

    private func batch(_ places: [(lane: Int, id: Int64)], lost: Set<Int> = [], revoking: Set<Int> = []) -> MessageBatch
    {
        var batch = MessageBatch()
        batch.lost = Set(lost.map { lanes[$0] })
        batch.revoking = Set(revoking.map { lanes[$0] })
        batch.deliveries = places.map { place in
            let stream = MessageStream(producer: "intake", topic: .envelopeCommands, key: UUID())
            return Delivery(
                message: InboundMessage(
                    stream: stream, seq: 1, type: "TestV1", tenantID: UUID(), time: Instant(microseconds: place.id),
                    payload: []),
                lane: lanes[place.lane], position: LanePosition(major: 5, minor: place.id))
        }
        return batch
    }

    @Test func `what was sent moves its lane's cursor to the last message and no further`() {
        var queue = KafkaRelayQueue()
        queue.take(batch([(0, 1), (1, 2), (0, 3)]))
        let due = queue.due(now: now)
        for (lane, sent) in due { queue.finish(lane, sent, failure: nil, now: now) }
        let moved = queue.takeProgress(now: now)
        let progress = Dictionary(uniqueKeysWithValues: moved.map { ($0.lane, $0.position.minor) })
        #expect(progress == [lanes[0]: 3, lanes[1]: 2])
        #expect(queue.takeProgress(now: now).isEmpty)
        #expect(queue.due(now: now).isEmpty)
    }

    @Test func `a lane that failed rests, keeps what it has, and holds up no other`() {
        var queue = KafkaRelayQueue()
        queue.take(batch([(0, 1), (1, 2)]))
        let sent = queue.due(now: now)[lanes[0]] ?? []
        queue.finish(lanes[0], sent, failure: TransientFailure(code: "broker_away"), now: now)
        #expect(Set(queue.due(now: now).keys) == [lanes[1]])
        #expect(queue.pausedLanes.contains(lanes[0]))
        #expect(queue.patience(now: now) <= 0.12)
        #expect(queue.due(now: now + .seconds(1))[lanes[0]]?.map(\.position.minor) == [1])
        #expect(queue.oldest == Instant(microseconds: 1))
    }

    @Test func `the cursor of a lost lane is not moved, that of a revoking one is`() {
        var queue = KafkaRelayQueue()
        queue.take(batch([(0, 1), (1, 2)]))
        for (lane, sent) in queue.due(now: now) { queue.finish(lane, sent, failure: nil, now: now) }
        queue.take(batch([], lost: [0], revoking: [1]))
        #expect(queue.takeProgress(now: now).map(\.lane) == [lanes[1]])
    }

    @Test func `messages of lanes that others get are dropped`() {
        var queue = KafkaRelayQueue()
        queue.take(batch([(0, 1), (1, 2), (2, 3)]))
        queue.take(batch([], lost: [0], revoking: [1]))
        #expect(Set(queue.due(now: now).keys) == [lanes[2]])
    }

    @Test func `cursors are due after a tenth of a second, and until then the wait is that long`() {
        var queue = KafkaRelayQueue()
        _ = queue.takeProgress(now: now)
        queue.take(batch([(0, 1)]))
        queue.finish(lanes[0], queue.due(now: now)[lanes[0]] ?? [], failure: nil, now: now)
        #expect(!queue.isAcknowledgementDue(now: now))
        #expect(queue.patience(now: now) <= 0.1)
        #expect(queue.isAcknowledgementDue(now: now + .milliseconds(100)))
    }
}
