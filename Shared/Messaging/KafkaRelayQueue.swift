// SPDX-License-Identifier: Apache-2.0
import Clocks
import ServiceKit

/// What a relay has read and the broker has not acknowledged, by lane; a pure value.
struct KafkaRelayQueue {
    typealias Moment = ContinuousClock.Instant

    private struct Rest {
        var until: Moment
        var backoff: Backoff
    }

    private static let capacity = 4_000
    private static let acknowledgementInterval = Duration.milliseconds(100)

    private var waiting: [LaneID: [Delivery]] = [:]
    /// Lanes that failed, until when they rest.
    private var rests: [LaneID: Rest] = [:]
    private var progress: [LaneID: LanePosition] = [:]
    private var acknowledgedAt = Moment.now

    /// How many more may be read; what failed leaves room for other lanes' messages.
    var room: Int { max(100, Self.capacity - waiting.values.reduce(0) { $0 + $1.count }) }

    /// Lanes that have to get rid of what they have before more of them is read.
    var pausedLanes: Set<LaneID> { Set(waiting.keys) }

    /// The business time of the oldest message that waits.
    var oldest: Instant? { waiting.values.compactMap { $0.first?.message.time }.min() }

    /// How long to wait for more, given what is due before.
    func patience(now: Moment) -> Double {
        var patience = Duration.milliseconds(500)
        for rest in rests.values { patience = min(patience, rest.until - now) }
        if !progress.isEmpty { patience = min(patience, acknowledgedAt + Self.acknowledgementInterval - now) }
        return max(0, patience / .seconds(1))
    }

    /// Takes what was read.
    ///
    /// Nothing is in hand meanwhile, so lanes that others get are dropped at once.
    mutating func take(_ batch: MessageBatch) {
        for lane in batch.lost {
            progress[lane] = nil
            forget(lane)
        }
        for lane in batch.revoking { forget(lane) }
        for delivery in batch.deliveries { waiting[delivery.lane, default: []].append(delivery) }
    }

    /// What is to be sent now.
    func due(now: Moment) -> [LaneID: [Delivery]] {
        waiting.filter { lane, _ in rests[lane].map { $0.until <= now } ?? true }
    }

    /// Notes what became of a lane that was due.
    mutating func finish(_ lane: LaneID, _ sent: [Delivery], failure: (any Error)?, now: Moment) {
        guard failure == nil else {
            var backoff = rests[lane]?.backoff ?? Backoff(initialSeconds: 0.1, maximumSeconds: 5)
            let pause = backoff.next()
            rests[lane] = Rest(until: now + .seconds(pause), backoff: backoff)
            return
        }
        if let last = sent.last { progress[lane] = last.position }
        forget(lane)
    }

    /// Moving cursors costs a commit: every tenth of a second is enough, since a crash only repeats messages.
    func isAcknowledgementDue(now: Moment) -> Bool {
        !progress.isEmpty && now - acknowledgedAt >= Self.acknowledgementInterval
    }

    /// Takes the positions up to which all is acknowledged by the broker.
    mutating func takeProgress(now: Moment) -> [LaneProgress] {
        defer { progress = [:] }
        acknowledgedAt = now
        return progress.map { LaneProgress(lane: $0.key, position: $0.value) }
    }

    private mutating func forget(_ lane: LaneID) {
        waiting[lane] = nil
        rests[lane] = nil
    }
}
