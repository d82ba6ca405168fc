// SPDX-License-Identifier: Apache-2.0
package import Clocks
import Contracts
import Kafka
package import Logging
package import Metrics
package import Postgres
package import ServiceKit

/// Carries one service's outbox to the broker: per lane in the outbox's order, each lane by one relay at a time.
///
/// It reads as a member of the group `paraph-<service>-relay` with leases and cursors like any consumer of the embedded
/// driver. A cursor moves, fenced, only behind what all in-sync replicas have acknowledged; so a crash between the two
/// repeats messages and loses none, and a cursor moved back fills an emptied broker again.
package final class OutboxRelay: Service {
    package let name = "messaging.relay"
    /// Under load, from one look at the outbox to the next: what gathers meanwhile shares a look and a request.
    private static let gatheringSeconds = 0.025
    /// After shutdown, the time for what is in the outbox already.
    private static let drainSeconds = 5.0

    private let role: ServiceRole
    private let topics: [Topic]
    private let outbox: PostgresMessageLog
    private let broker: KafkaMessageLog
    private let clock: BusinessClock
    private let logger: Logger
    private let metrics: RelayMetrics

    /// Relays what `role` writes; topics are created as `broker` does it for its readers.
    package init(
        _ role: ServiceRole, pool: PostgresPool, wakeUp: WakeUp, broker: KafkaMessageLog, clock: BusinessClock,
        logger: Logger, metrics: MetricsRegistry
    ) {
        self.role = role
        topics = TopicRouting.topics(from: role)
        outbox = PostgresMessageLog(pool: pool, wakeUp: wakeUp, logger: logger, producers: [role])
        self.broker = broker
        self.clock = clock
        self.logger = logger
        self.metrics = RelayMetrics(metrics)
    }

    /// Relays until shutdown and then what is in the outbox by that time, for five seconds at most.
    package func run(until shutdown: ShutdownSignal) async throws {
        guard !topics.isEmpty else { return await shutdown.wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.relayAgainAndAgain(until: shutdown) }
            group.addTask {
                await shutdown.wait()
                try? await Task.sleep(for: .seconds(Self.drainSeconds))
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func relayAgainAndAgain(until shutdown: ShutdownSignal) async {
        var backoff = Backoff(initialSeconds: 0.1, maximumSeconds: 5)
        repeat {
            do {
                try await relay(until: shutdown) { backoff.reset() }
            } catch is CancellationError {
                return
            } catch {
                let label = (error as? KafkaError)?.label ?? (error as? PostgresError)?.code.rawValue ?? "other"
                metrics.errors.increment(label)
                logger.warning(
                    "outbox relay starts over", [.consumer: .string(role.relay), .error: .error(error)])
                await shutdown.race(seconds: backoff.next())
            }
        } while !shutdown.isTriggered && !Task.isCancelled
    }

    /// One life of producer and leases; ends at shutdown, or with the first error that a new life may mend.
    private func relay(until shutdown: ShutdownSignal, whenReady: () -> Void) async throws {
        try await broker.createTopics(topics)
        let producer = try KafkaProducer(broker.configuration, logger: logger)
        let lanes = try await outbox.subscribe(consumer: role.relay, topics: topics)
        whenReady()
        let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { duties in
            duties.addTask { await lanes.maintain() }
            duties.addTask {
                await shutdown.wait()
                lanes.interrupt()
            }
            defer { duties.cancelAll() }
            do {
                return .success(try await pump(lanes, to: producer, until: shutdown))
            } catch {
                return .failure(error)
            }
        }
        await lanes.close()
        try? await producer.close(timeoutMilliseconds: 0)
        try result.get()
    }

    private func pump(
        _ lanes: any MessageSubscription, to producer: KafkaProducer, until shutdown: ShutdownSignal
    ) async throws {
        var queue = KafkaRelayQueue()
        while true {
            let isStopping = shutdown.isTriggered
            let batch = try await lanes.next(
                maximum: queue.room, pausing: queue.pausedLanes, waitingAtMost: queue.patience(now: .now))
            let gathered = ContinuousClock.now + .seconds(Self.gatheringSeconds)
            queue.take(batch)
            let due = queue.due(now: .now)
            for (lane, failure) in await send(due, to: producer) {
                queue.finish(lane, due[lane] ?? [], failure: failure, now: .now)
                try await mend(failure, lane)
            }
            metrics.lag.set(queue.oldest.map { max(0, clock.now().seconds(since: $0)) } ?? 0)
            if !batch.revoking.isEmpty || isStopping || queue.isAcknowledgementDue(now: .now) {
                try await lanes.acknowledge(queue.takeProgress(now: .now))
                try await lanes.release(batch.revoking)
            }
            if isStopping && batch.deliveries.isEmpty && due.isEmpty { return }
            let isBusy = batch.deliveries.count > 2 && !isStopping
            let rest = (gathered - ContinuousClock.now) / .seconds(1)
            if isBusy && rest > 0 { await shutdown.race(seconds: rest) }
        }
    }

    /// Sends every lane's messages beside the others', so that one partition without a leader holds up only itself.
    private func send(
        _ messages: [LaneID: [Delivery]], to producer: KafkaProducer
    ) async -> [(LaneID, KafkaError?)] {
        await withTaskGroup(of: (LaneID, KafkaError?).self) { group in
            for (lane, deliveries) in messages {
                group.addTask {
                    do throws(KafkaError) {
                        try await producer.send(deliveries.map { KafkaMessageCoding.record($0.message) })
                        self.metrics.messages.increment(lane.topic.name, by: Double(deliveries.count))
                        return (lane, nil)
                    } catch {
                        return (lane, error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// The lane is tried again after a pause, unless a new producer is needed or the task is cancelled.
    private func mend(_ failure: KafkaError?, _ lane: LaneID) async throws {
        guard let failure else { return }
        try Task.checkCancellation()
        metrics.errors.increment(failure.label)
        logger.warning(
            "outbox relay could not send",
            [.topic: .string(lane.topic.name), .lane: .int(lane.number), .error: .error(failure)])
        if failure.isFatal { throw failure }
        if case .failed(let code, _) = failure, code.isUnknownTopic { try await broker.createTopics(topics) }
    }
}

/// What a relay tells about itself.
private struct RelayMetrics: Sendable {
    let messages: Counter
    let errors: Counter
    let lag: Gauge

    init(_ registry: MetricsRegistry) {
        messages = registry.counter(
            "paraph_relay_messages_total", "Messages acknowledged by the broker.", labels: ["topic"])
        errors = registry.counter("paraph_relay_errors_total", "Failed attempts to relay.", labels: ["code"])
        lag = registry.gauge("paraph_relay_lag_seconds", "Age of the oldest message read and not yet acknowledged.")
    }
}
