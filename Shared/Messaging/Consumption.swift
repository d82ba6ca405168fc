// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts

/// Everything a consumer has in memory: windows of lanes, queues of streams, and when each may be tried (again).
///
/// A pure value: time is given, nothing is performed.
struct Consumption {
    typealias Moment = ContinuousClock.Instant

    private enum Status: Equatable {
        case ready, inFlight
        /// The next message of the stream has not arrived.
        case gap(since: Moment)
        case unready(until: Moment)
        case backingOff(until: Moment)
    }

    private struct StreamQueue {
        var messages: [PendingMessage] = []  // ascending by seq
        var status = Status.ready
        var attempts = 0
        /// So many messages are still handled alone, because a batch with them failed.
        var alone = 0
        var isAlarmed = false
    }

    private let settings: ConsumerSettings
    private var windows: [LaneID: LaneWindow] = [:]
    private var streams: [MessageStream: StreamQueue] = [:]
    /// Ready streams in the order in which they became so; may hold names that are no longer ready.
    private var ready: [MessageStream] = []
    private var waiting: Set<MessageStream> = []
    private var generation = 0
    /// Messages in queues, in hand or not.
    private(set) var pendingCount = 0
    private(set) var inFlightCount = 0

    init(settings: ConsumerSettings) { self.settings = settings }

    // MARK: - Arrival

    /// Deliveries of one lane have to come in log order.
    mutating func admit(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            let origin = place(delivery.lane, delivery.position)
            enqueue(PendingMessage(message: delivery.message, origin: origin, position: delivery.position))
        }
        if !deliveries.isEmpty { reviveUnready() }
    }

    /// Admits deliveries among records that are settled already because they are no messages.
    mutating func admit(_ deliveries: [Delivery], malformed: [MalformedDelivery]) {
        var rest = malformed[...]
        for delivery in deliveries {
            while let record = rest.first(where: { $0.lane == delivery.lane && $0.position < delivery.position }) {
                admitSettled(record)
                rest.removeAll { $0.lane == record.lane && $0.position == record.position }
            }
            admit([delivery])
        }
        for record in rest { admitSettled(record) }
    }

    private mutating func admitSettled(_ record: MalformedDelivery) {
        if case .log(let lane, _, let number) = place(record.lane, record.position) { windows[lane]?.settle(number) }
    }

    private mutating func place(_ lane: LaneID, _ position: LanePosition) -> PendingMessage.Origin {
        var window = windows.removeValue(forKey: lane) ?? makeWindow()
        let number = window.append(position)
        let origin = PendingMessage.Origin.log(lane, generation: window.generation, number: number)
        windows[lane] = window
        return origin
    }

    /// Adds parked messages that a redrive set free, unless they are here already.
    mutating func admit(freed messages: [InboundMessage]) {
        for message in messages {
            let queued = streams[message.stream]?.messages.contains { $0.isParked && $0.message.seq == message.seq }
            if queued == true { continue }
            let lane = LaneID(topic: message.topic, number: message.lane, producer: message.producer)
            enqueue(PendingMessage(message: message, origin: .parked(lane), position: .start))
        }
    }

    private mutating func makeWindow() -> LaneWindow {
        generation += 1
        return LaneWindow(generation: generation)
    }

    private mutating func enqueue(_ pending: PendingMessage) {
        let stream = pending.message.stream
        var queue = streams.removeValue(forKey: stream) ?? StreamQueue()
        let isNew = queue.messages.isEmpty
        var index = queue.messages.count
        while index > 0, queue.messages[index - 1].message.seq > pending.message.seq { index -= 1 }
        queue.messages.insert(pending, at: index)
        pendingCount += 1
        if case .gap = queue.status {
            queue.status = .ready
            waiting.remove(stream)
            ready.append(stream)
        } else if isNew, queue.status == .ready {
            ready.append(stream)
        }
        streams[stream] = queue
    }

    private mutating func reviveUnready() {
        for stream in waiting {
            if case .unready = streams[stream]?.status { makeReady(stream) }
        }
    }

    // MARK: - Batches

    /// Takes the next messages to handle together; nil when none may be handled now.
    mutating func takeBatch(now: Moment) -> PendingBatch? {
        wakeDue(now)
        var runs: [PendingBatch.Run] = []
        var count = 0
        var passedOver: [MessageStream] = []
        var index = 0
        while index < ready.count, count < settings.batchSize {
            let stream = ready[index]
            index += 1
            guard var queue = streams[stream], queue.status == .ready, !queue.messages.isEmpty else { continue }
            let isAlone = queue.alone > 0
            if isAlone && count > 0 {
                passedOver.append(stream)
                continue
            }
            let messages = Array(queue.messages.prefix(isAlone ? 1 : settings.batchSize - count))
            queue.status = .inFlight
            streams[stream] = queue
            runs.append(PendingBatch.Run(stream: stream, messages: messages, attempts: queue.attempts))
            count += messages.count
            for message in messages { countInHand(message, 1) }
            if isAlone { break }
        }
        ready.replaceSubrange(0..<index, with: passedOver)
        guard count > 0 else { return nil }
        inFlightCount += 1
        return PendingBatch(runs: runs.sorted { $0.stream < $1.stream })
    }

    /// Takes back what became of a batch; answers the messages that are due to become dead letters.
    mutating func finish(_ batch: PendingBatch, _ outcome: BatchOutcome, now: Moment) -> PendingBatch? {
        inFlightCount -= 1
        for run in batch.runs {
            for message in run.messages { countInHand(message, -1) }
        }
        switch outcome {
        case .committed(let report):
            commit(batch, report, now)
            return nil
        case .databaseAway, .superseded:
            for run in batch.runs { makeReady(run.stream) }
            return nil
        case .failed(let error):
            return fail(batch, error, now)
        }
    }

    private mutating func countInHand(_ pending: PendingMessage, _ change: Int) {
        if case .log(let lane, let generation, _) = pending.origin, windows[lane]?.generation == generation {
            windows[lane]?.inFlight += change
        }
    }

    private mutating func commit(_ batch: PendingBatch, _ report: BatchReport, _ now: Moment) {
        var settled: [MessageStream: Int] = [:]
        for (pending, _) in report.settled {
            settle(pending)
            settled[pending.message.stream, default: 0] += 1
        }
        for run in batch.runs {
            let count = settled[run.stream] ?? 0
            guard var queue = streams[run.stream] else { continue }
            if count > 0 {
                queue.attempts = 0
                queue.alone = max(0, queue.alone - count)
                queue.isAlarmed = false
                streams[run.stream] = queue
            }
            if report.unready.contains(run.stream) {
                wait(run.stream, .unready(until: now.advanced(by: .seconds(settings.unreadySeconds))))
            } else if report.gaps.contains(run.stream), queue.messages.count == run.messages.count - count {
                // Nothing arrived meanwhile that could close the gap.
                wait(run.stream, .gap(since: now))
            } else {
                makeReady(run.stream)
            }
        }
    }

    private mutating func fail(_ batch: PendingBatch, _ error: any Error, _ now: Moment) -> PendingBatch? {
        guard batch.count == 1, let run = batch.runs.first, var queue = streams[run.stream] else {
            for run in batch.runs {
                streams[run.stream]?.alone = run.messages.count
                makeReady(run.stream)
            }
            return nil
        }
        queue.attempts += 1
        queue.alone = max(1, queue.alone)
        streams[run.stream] = queue
        let isExhausted = queue.attempts >= settings.maximumAttempts && !(error is TransientFailure)
        if isExhausted || error is PermanentFailure {
            streams[run.stream]?.status = .inFlight
            for message in run.messages { countInHand(message, 1) }
            inFlightCount += 1
            return PendingBatch(runs: [.init(stream: run.stream, messages: run.messages, attempts: queue.attempts)])
        }
        let seconds = settings.retrySeconds(afterAttempt: queue.attempts)
        wait(run.stream, .backingOff(until: now.advanced(by: .seconds(seconds))))
        return nil
    }

    private mutating func settle(_ pending: PendingMessage) {
        if case .log(let lane, let generation, let number) = pending.origin, windows[lane]?.generation == generation {
            windows[lane]?.settle(number)
        }
        let stream = pending.message.stream
        guard var queue = streams.removeValue(forKey: stream) else { return }
        let index = queue.messages.firstIndex { $0.isSame(as: pending) }
        if let index {
            queue.messages.remove(at: index)
            pendingCount -= 1
        }
        streams[stream] = queue
    }

    private mutating func wait(_ stream: MessageStream, _ status: Status) {
        guard streams[stream]?.messages.isEmpty == false else {
            streams[stream] = nil
            return
        }
        streams[stream]?.status = status
        waiting.insert(stream)
    }

    private mutating func makeReady(_ stream: MessageStream) {
        waiting.remove(stream)
        guard streams[stream]?.messages.isEmpty == false else {
            streams[stream] = nil
            return
        }
        streams[stream]?.status = .ready
        ready.append(stream)
    }

    private mutating func wakeDue(_ now: Moment) {
        for stream in waiting {
            switch streams[stream]?.status {
            case .unready(let until) where until <= now, .backingOff(let until) where until <= now: makeReady(stream)
            case nil: waiting.remove(stream)
            default: break
            }
        }
    }

    // MARK: - Lanes

    /// Drops lanes that others hold, whatever is in hand.
    mutating func lose(_ lanes: Set<LaneID>) {
        for lane in lanes { windows[lane] = nil }
        drop(lanes)
    }

    /// Drops what is not in hand of lanes that others should get.
    mutating func revoke(_ lanes: Set<LaneID>) {
        for lane in lanes {
            var window = windows[lane] ?? makeWindow()
            window.isRevoking = true
            windows[lane] = window
        }
        drop(lanes)
    }

    /// Whether a revoked lane can be given back.
    var hasReleasable: Bool { windows.values.contains { $0.isRevoking && $0.inFlight == 0 } }

    /// Takes revoked lanes of which nothing is in hand any longer.
    mutating func takeReleasable() -> Set<LaneID> {
        let lanes = Set(windows.filter { $0.value.isRevoking && $0.value.inFlight == 0 }.keys)
        for lane in lanes { windows[lane] = nil }
        return lanes
    }

    private mutating func drop(_ lanes: Set<LaneID>) {
        guard !lanes.isEmpty else { return }
        let merged = Set(lanes.map(\.merged))
        for (stream, queue) in streams {
            let kept = queue.messages.filter { !merged.contains($0.lane.merged) }
            guard kept.count < queue.messages.count else { continue }
            pendingCount -= queue.messages.count - kept.count
            if kept.isEmpty && queue.status != .inFlight {
                streams[stream] = nil
                waiting.remove(stream)
            } else {
                streams[stream]?.messages = kept
            }
        }
    }

    // MARK: - Progress

    /// What is settled and not acknowledged.
    func outstandingProgress() -> [LaneProgress] {
        windows.compactMap { lane, window in
            window.progress.map { LaneProgress(lane: lane, position: $0) }
        }
    }

    mutating func acknowledge(_ progress: [LaneProgress]) {
        for progress in progress { windows[progress.lane]?.acknowledge(progress.position) }
    }

    // MARK: - When to look again

    /// Lanes with so much unsettled that reading them has to pause.
    var crowdedLanes: Set<LaneID> { Set(windows.filter { $0.value.count >= settings.windowPerLane }.keys) }

    /// How many more messages may be read now.
    var room: Int {
        let readyRoom = 4 * settings.batchSize * settings.concurrency
        return max(0, min(readyRoom - (pendingCount - waitingMessages), settings.maximumPending - pendingCount))
    }

    private var waitingMessages: Int { waiting.reduce(0) { $0 + (streams[$1]?.messages.count ?? 0) } }

    var hasReady: Bool { ready.contains { streams[$0]?.status == .ready } }

    /// When the next waiting stream is due.
    var nextDue: Moment? {
        waiting.compactMap { stream in
            switch streams[stream]?.status {
            case .unready(let until), .backingOff(let until): until
            case .ready, .inFlight, .gap, nil: nil
            }
        }.min()
    }

    /// Streams that have waited for a missing message for 10 s, each once.
    mutating func takeOverdueGaps(now: Moment) -> [MessageStream] {
        var overdue: [MessageStream] = []
        for stream in waiting {
            guard case .gap(let since) = streams[stream]?.status, streams[stream]?.isAlarmed == false,
                now > since.advanced(by: .seconds(10))
            else { continue }
            streams[stream]?.isAlarmed = true
            overdue.append(stream)
        }
        return overdue
    }

    /// How many streams of each topic have waited for a missing message for that long and still do.
    var overdueStreams: [Topic: Int] {
        var counts: [Topic: Int] = [:]
        for stream in waiting {
            guard case .gap = streams[stream]?.status, streams[stream]?.isAlarmed == true else { continue }
            counts[stream.topic, default: 0] += 1
        }
        return counts
    }
}

extension PendingMessage {
    fileprivate func isSame(as other: PendingMessage) -> Bool {
        guard message.seq == other.message.seq else { return false }
        switch (origin, other.origin) {
        case (.log(let lane, let generation, let number), .log(let otherLane, let otherGeneration, let otherNumber)):
            return lane == otherLane && generation == otherGeneration && number == otherNumber
        case (.parked, .parked): return true
        case (.log, .parked), (.parked, .log): return false
        }
    }
}
