// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Contracts
package import Logging
package import Metrics
package import Postgres
package import ServiceKit
import Tracing

/// Reads topics as one member of a consumer group and hands batches to a handler, each message once and each stream in
/// order; retries, dead-letters and parks what fails without delaying other streams.
package final class ConsumerLoop: Service {
    package let name: String
    private let consumer: String
    private let topics: [Topic]
    private let log: any MessageLog
    private let pool: PostgresPool
    private let outbox: OutboxWriter
    private let processor: any BatchProcessor
    private let settings: ConsumerSettings
    private let clock: BusinessClock
    private let logger: Logger
    private let metrics: MessagingMetrics

    private init(
        _ consumer: String, _ topics: [Topic], _ log: any MessageLog, _ pool: PostgresPool, _ outbox: OutboxWriter,
        _ processor: any BatchProcessor, _ settings: ConsumerSettings, _ clock: BusinessClock, _ logger: Logger,
        _ metrics: MetricsRegistry
    ) {
        name = "messaging.consumer.\(topics.map(\.name).joined(separator: ","))"
        self.consumer = consumer
        self.topics = topics
        self.log = log
        self.pool = pool
        self.outbox = outbox
        self.processor = processor
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.metrics = MessagingMetrics(metrics)
    }

    /// Handles messages inside one transaction a batch; `consumer` is the group, `ServiceRole.consumer`.
    package convenience init(
        consumer: String, topics: [Topic], log: any MessageLog, pool: PostgresPool, outbox: OutboxWriter,
        handler: any MessageHandler, settings: ConsumerSettings = ConsumerSettings(), clock: BusinessClock,
        logger: Logger, metrics: MetricsRegistry
    ) {
        self.init(
            consumer, topics, log, pool, outbox, TransactionProcessor(handler: handler), settings, clock, logger,
            metrics)
    }

    /// Prepares each batch outside the database and applies it in one transaction.
    package convenience init(
        consumer: String, topics: [Topic], log: any MessageLog, pool: PostgresPool, outbox: OutboxWriter,
        preparing handler: some PreparingHandler, settings: ConsumerSettings = ConsumerSettings(), clock: BusinessClock,
        logger: Logger, metrics: MetricsRegistry
    ) {
        self.init(
            consumer, topics, log, pool, outbox, PreparingProcessor(handler: handler), settings, clock, logger, metrics)
    }

    /// Performs effects between two transactions; `settings.concurrency` batches at once, for different streams.
    package convenience init(
        consumer: String, topics: [Topic], log: any MessageLog, pool: PostgresPool, outbox: OutboxWriter,
        effects: some EffectHandler, settings: ConsumerSettings = ConsumerSettings(), clock: BusinessClock,
        logger: Logger, metrics: MetricsRegistry
    ) {
        self.init(
            consumer, topics, log, pool, outbox, EffectProcessor(effects: effects), settings, clock, logger, metrics)
    }

    /// Works until shutdown, then finishes what is in hand and gives back its lanes.
    package func run(until shutdown: ShutdownSignal) async throws {
        guard let subscription = await subscribe(until: shutdown) else { return }
        let context = ConsumerContext(
            consumer: consumer, pool: pool, outbox: outbox, subscription: subscription, origin: log.name, clock: clock,
            settings: settings)
        let run = ConsumerRun(
            context: context, processor: processor, settings: settings, logger: logger, metrics: metrics)
        await run.work(until: shutdown)
        await subscription.close()
    }

    private func subscribe(until shutdown: ShutdownSignal) async -> (any MessageSubscription)? {
        var backoff = Backoff(initialSeconds: 0.1, maximumSeconds: 5)
        while !shutdown.isTriggered && !Task.isCancelled {
            do {
                return try await log.subscribe(consumer: consumer, topics: topics)
            } catch {
                logger.warning(
                    "cannot join the consumer group yet", [.consumer: .string(consumer), .error: .error(error)])
                await shutdown.race(seconds: backoff.next())
            }
        }
        return nil
    }
}
