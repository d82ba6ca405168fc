// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import Postgres
package import ServiceKit

/// Messaging of one service, put together from its configuration: the log, the outbox and what has to run beside them.
///
/// List `services` after the pool and before the service's own consumers.
package struct MessagingRuntime: Sendable {
    package let role: ServiceRole
    package let log: any MessageLog
    package let outbox: OutboxWriter
    package let backPressure: BackPressure
    /// Listener, wake-up, partitions, back-pressure and, over a broker, the relay.
    package let services: [any Service]
    private let pool: PostgresPool
    private let environment: ServiceEnvironment

    /// Chooses the driver named by `PARAPH_MESSAGE_LOG`; opens no connection yet.
    package init(_ role: ServiceRole, pool: PostgresPool, environment: ServiceEnvironment) throws {
        let logger = environment.logger
        let wakeUp = WakeUp(pool: pool)
        let isBrokered = environment.common.messageLog == .kafka
        let relay = isBrokered ? role.relay : nil
        let backPressure = BackPressure(
            pool: pool, clock: environment.clock, relay: relay, logger: logger, metrics: environment.metrics)
        var services: [any Service] = [
            PostgresListener(pool.configuration, channels: [WakeUp.channel], logger: logger) { wakeUp.receive($0) },
            wakeUp,
            OutboxPartitions(pool: pool, clock: environment.clock, relay: relay, logger: logger),
            backPressure,
        ]
        switch environment.common.messageLog {
        case .postgres:
            log = PostgresMessageLog(pool: pool, wakeUp: wakeUp, logger: logger)
        case .kafka:
            let kafka = try KafkaMessaging(role, pool: pool, wakeUp: wakeUp, environment: environment)
            log = kafka.log
            services += kafka.services
        }
        self.role = role
        outbox = OutboxWriter(producer: role.schema, clock: environment.clock, wakeUp: wakeUp)
        self.backPressure = backPressure
        self.services = services
        self.pool = pool
        self.environment = environment
    }

    /// A member of the service's group that handles messages inside its transaction.
    package func consumer(
        of topics: [Topic], handler: any MessageHandler, settings: ConsumerSettings = ConsumerSettings()
    ) -> ConsumerLoop {
        ConsumerLoop(
            consumer: role.consumer, topics: topics, log: log, pool: pool, outbox: outbox, handler: handler,
            settings: settings, clock: environment.clock, logger: environment.logger, metrics: environment.metrics)
    }

    /// A member of the service's group that prepares batches outside its transaction.
    package func consumer(
        of topics: [Topic], preparing handler: some PreparingHandler, settings: ConsumerSettings = ConsumerSettings()
    ) -> ConsumerLoop {
        ConsumerLoop(
            consumer: role.consumer, topics: topics, log: log, pool: pool, outbox: outbox, preparing: handler,
            settings: settings, clock: environment.clock, logger: environment.logger, metrics: environment.metrics)
    }

    /// A member of the service's group that performs effects between two transactions.
    package func consumer(
        of topics: [Topic], effects: some EffectHandler, settings: ConsumerSettings = ConsumerSettings()
    ) -> ConsumerLoop {
        ConsumerLoop(
            consumer: role.consumer, topics: topics, log: log, pool: pool, outbox: outbox, effects: effects,
            settings: settings, clock: environment.clock, logger: environment.logger, metrics: environment.metrics)
    }

    /// The service's dead letters, for `redrive list` and `redrive run`.
    package static func deadLetters(pool: PostgresPool, environment: ServiceEnvironment) -> DeadLetterStore {
        DeadLetterStore(pool: pool, clock: environment.clock)
    }
}
