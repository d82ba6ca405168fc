// SPDX-License-Identifier: Apache-2.0
import Kafka
import Postgres
import ServiceKit

/// What a service needs to talk over a broker.
struct KafkaMessaging {
    let log: KafkaMessageLog
    /// The relay of the service's own outbox.
    let services: [any Service]

    /// Connects to nothing yet: a service starts, and keeps what it writes in its outbox, while no broker answers.
    ///
    /// - Throws: `ServiceExit` when librdkafka refuses the settings or a file they name.
    init(_ role: ServiceRole, pool: PostgresPool, wakeUp: WakeUp, environment: ServiceEnvironment) throws {
        let configuration = KafkaConfiguration(environment.common.kafka, clientID: role.consumer)
        do {
            try configuration.check(logger: environment.logger)
        } catch {
            throw ServiceExit(.configuration, error.description)
        }
        log = KafkaMessageLog(configuration, logger: environment.logger)
        services = [
            OutboxRelay(
                role, pool: pool, wakeUp: wakeUp, broker: log, clock: environment.clock, logger: environment.logger,
                metrics: environment.metrics)
        ]
    }
}
