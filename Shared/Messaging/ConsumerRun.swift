// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Logging
import Metrics
import Postgres
import ServiceKit
import Synchronization
import Tracing

/// One subscription's work: reads ahead, keeps batches in hand, and looks again at what waits.
struct ConsumerRun {
    private enum Event: Sendable {
        case read(Reading)
        case readFailed(any Error)
        case finished(PendingBatch, BatchOutcome)
        case timer
        case shutdown
        case maintenanceEnded
    }

    /// What one look at the log brought.
    private struct Reading: Sendable {
        let started: Moment
        var batch = MessageBatch()
        var freed: [InboundMessage] = []
    }

    typealias Moment = ContinuousClock.Instant

    /// Acknowledgements and looks for redriven messages are at most this frequent.
    private static let settleSeconds = 0.2
    private static let redriveLookSeconds = 0.5
    private static let fallbackSeconds = 0.5
    /// Under load, from one look at the log to the next: what gathers meanwhile shares a poll and a transaction.
    private static let gatheringSeconds = 0.025

    private let context: ConsumerContext
    private let processor: any BatchProcessor
    private let settings: ConsumerSettings
    private let logger: Logger
    private let metrics: MessagingMetrics
    private var isReading = false
    private var isStopping = false
    private var topicsWithHeldStreams: Set<Topic> = []
    private var readPausedUntil: Moment?
    private var batchesPausedUntil: Moment?
    private var timerDue: Moment?
    private var lastSettled = ContinuousClock.now
    private var lastRedriveLook: Moment?
    private var readBackoff = Backoff(initialSeconds: 0.1, maximumSeconds: 5)
    private var batchBackoff = Backoff(initialSeconds: 0.1, maximumSeconds: 5)

    init(
        context: ConsumerContext, processor: any BatchProcessor, settings: ConsumerSettings, logger: Logger,
        metrics: MessagingMetrics
    ) {
        self.context = context
        self.processor = processor
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
    }

    func work(until shutdown: ShutdownSignal) async {
        var run = self
        await run.loop(until: shutdown)
    }

    private mutating func loop(until shutdown: ShutdownSignal) async {
        let subscription = context.subscription
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                await subscription.maintain()
                return .maintenanceEnded
            }
            group.addTask {
                await shutdown.wait()
                subscription.interrupt()
                return .shutdown
            }
            repeat {
                schedule(in: &group)
                guard let event = await group.next() else { break }
                handle(event, in: &group)
            } while !Task.isCancelled && !(isStopping && !isReading && inFlight == 0)
            group.cancelAll()
        }
        if !Task.isCancelled { try? await settle(.now) }
    }

    private var inFlight: Int { context.consumption.withLock { $0.inFlightCount } }

    // MARK: - Scheduling

    private mutating func schedule(in group: inout TaskGroup<Event>) {
        let now = ContinuousClock.now
        if !isStopping, (batchesPausedUntil ?? now) <= now {
            while inFlight < settings.concurrency,
                let batch = context.consumption.withLock({ $0.takeBatch(now: now) })
            {
                start(batch, with: processor, in: &group)
            }
        }
        if !isStopping, !isReading, (readPausedUntil ?? now) <= now { startReading(now, in: &group) }
        scheduleTimer(now, in: &group)
    }

    private func start(_ batch: PendingBatch, with processor: any BatchProcessor, in group: inout TaskGroup<Event>) {
        group.addTask { [context] in
            let scope = batch.count == 1 ? batch.runs[0].messages[0].message.traceScope : nil
            do {
                let report = try await Trace.$current.withValue(scope) {
                    try await processor.process(batch, context)
                }
                return .finished(batch, .committed(report))
            } catch {
                return .finished(batch, BatchOutcome(error))
            }
        }
    }

    private mutating func startReading(_ now: Moment, in group: inout TaskGroup<Event>) {
        isReading = true
        let (room, crowded, inFlight) = context.consumption.withLock {
            ($0.room, $0.crowdedLanes, $0.inFlightCount)
        }
        let looksForFreed = (lastRedriveLook?.advanced(by: .seconds(Self.redriveLookSeconds)) ?? now) <= now
        if looksForFreed { lastRedriveLook = now }
        let settles = lastSettled.advanced(by: .seconds(Self.settleSeconds)) <= now
        if settles { lastSettled = now }
        // Without room it only hears about lanes; it must not sleep while a batch is about to make room.
        let patience = room > 0 ? Self.fallbackSeconds : inFlight > 0 ? 0.01 : 0.1
        group.addTask { [self, context] in
            do {
                try await settle(now, acknowledging: settles)
                var reading = Reading(started: .now)
                reading.batch = try await context.subscription.next(
                    maximum: room, pausing: crowded, waitingAtMost: patience)
                await storeMalformed(reading.batch.malformed)
                if looksForFreed {
                    reading.freed =
                        (try? await ParkedMessages.free(
                            consumer: context.consumer, lanes: context.subscription.heldLanes(), pool: context.pool))
                        ?? []
                }
                return .read(reading)
            } catch {
                return .readFailed(error)
            }
        }
    }

    /// Gives back revoked lanes of which nothing is in hand, and acknowledges what is settled.
    private func settle(_ now: Moment, acknowledging: Bool = true) async throws {
        let subscription = context.subscription
        let isReleasing = context.consumption.withLock { $0.hasReleasable }
        if acknowledging || isReleasing {
            let progress = context.consumption.withLock { $0.outstandingProgress() }
            if !progress.isEmpty {
                do {
                    try await subscription.acknowledge(progress)
                    context.consumption.withLock { $0.acknowledge(progress) }
                } catch {
                    guard case .superseded = BatchOutcome(error) else { throw error }
                }
            }
        }
        let lanes = context.consumption.withLock { $0.takeReleasable() }
        if !lanes.isEmpty { try await subscription.release(lanes) }
    }

    /// What was read once is not read again, so this does not give up before its task is cancelled.
    private func storeMalformed(_ records: [MalformedDelivery]) async {
        var backoff = Backoff(initialSeconds: 0.1, maximumSeconds: 5)
        while !records.isEmpty && !Task.isCancelled {
            do {
                return try await Burial.store(records, context)
            } catch {
                logger.warning("malformed records cannot be stored yet", [.error: .error(error)])
                try? await Task.sleep(for: .seconds(backoff.next()))
            }
        }
    }

    private mutating func scheduleTimer(_ now: Moment, in group: inout TaskGroup<Event>) {
        if let timerDue, timerDue <= now { self.timerDue = nil }
        let moments = [context.consumption.withLock { $0.nextDue }, readPausedUntil, batchesPausedUntil]
        guard let due = moments.compactMap({ $0 }).filter({ $0 > now }).min() else { return }
        if let timerDue, timerDue <= due { return }
        timerDue = due
        group.addTask {
            try? await Task.sleep(until: due, clock: .continuous)
            return .timer
        }
    }

    // MARK: - Events

    private mutating func handle(_ event: Event, in group: inout TaskGroup<Event>) {
        let now = ContinuousClock.now
        switch event {
        case .read(let reading):
            isReading = false
            let isBusy = reading.batch.deliveries.count > 2
            readPausedUntil = isBusy ? reading.started.advanced(by: .seconds(Self.gatheringSeconds)) : nil
            readBackoff.reset()
            take(reading, now)
        case .readFailed(let error):
            isReading = false
            let seconds = readBackoff.next()
            readPausedUntil = now.advanced(by: .seconds(seconds))
            logger.warning("reading messages failed", [.consumer: .string(context.consumer), .error: .error(error)])
        case .finished(let batch, let outcome):
            finish(batch, outcome, now, in: &group)
        case .timer: break
        case .shutdown: isStopping = true
        case .maintenanceEnded: break
        }
    }

    private mutating func take(_ reading: Reading, _ now: Moment) {
        let batch = reading.batch
        let (overdue, held) = context.consumption.withLock { consumption in
            consumption.lose(batch.lost)
            consumption.revoke(batch.revoking)
            if batch.malformed.isEmpty {
                consumption.admit(batch.deliveries)
            } else {
                consumption.admit(batch.deliveries, malformed: batch.malformed)
            }
            consumption.admit(freed: reading.freed)
            return (consumption.takeOverdueGaps(now: now), consumption.overdueStreams)
        }
        for topic in topicsWithHeldStreams.union(held.keys) {
            metrics.heldStreams.set(Double(held[topic] ?? 0), topic.name)
        }
        topicsWithHeldStreams = Set(held.keys)
        for record in batch.malformed { metrics.messages.increment(record.lane.topic.name, "dead_lettered") }
        for stream in overdue {
            logger.error(
                "a message of this stream is missing; later ones are held",
                [.consumer: .string(context.consumer), .topic: .string(stream.topic.name)])
        }
    }

    private mutating func finish(
        _ batch: PendingBatch, _ outcome: BatchOutcome, _ now: Moment, in group: inout TaskGroup<Event>
    ) {
        let doomed = context.consumption.withLock { $0.finish(batch, outcome, now: now) }
        switch outcome {
        case .committed(let report):
            batchBackoff.reset()
            batchesPausedUntil = nil
            count(report)
        case .failed(let error):
            note(error, of: batch)
            if let doomed { start(doomed, with: Burial(error: error), in: &group) }
        case .databaseAway(let error):
            batchesPausedUntil = now.advanced(by: .seconds(batchBackoff.next()))
            logger.warning(
                "the database is away; messages wait", [.consumer: .string(context.consumer), .error: .error(error)])
        case .superseded:
            // Another member may hold the lane; the next heartbeat tells.
            batchesPausedUntil = now.advanced(by: .milliseconds(50))
            logger.notice("a batch was superseded", [.consumer: .string(context.consumer), .count: .int(batch.count)])
        }
    }

    private func count(_ report: BatchReport) {
        let now = context.clock.now()
        for (pending, word) in report.settled {
            metrics.messages.increment(pending.message.topic.name, word.rawValue)
            if word == .handled {
                metrics.lag.observe(max(0, now.seconds(since: pending.message.time)), pending.message.topic.name)
            }
            if word == .deadLettered {
                logger.error(
                    "a message was dead-lettered",
                    [.consumer: .string(context.consumer), .messageID: .string(pending.message.id)])
            }
        }
    }

    private func note(_ error: any Error, of batch: PendingBatch) {
        guard batch.count == 1, let pending = batch.runs.first?.messages.first else { return }
        metrics.messages.increment(pending.message.topic.name, "failed")
        let code = (error as? PermanentFailure)?.code ?? (error as? TransientFailure)?.code
        logger.warning(
            "a message could not be handled",
            [
                .consumer: .string(context.consumer), .messageID: .string(pending.message.id),
                .messageType: .string(pending.message.type), .attempt: .int((batch.runs.first?.attempts ?? 0) + 1),
                .errorCode: .string(code ?? String(reflecting: Swift.type(of: error))),
            ])
    }
}
