// SPDX-License-Identifier: Apache-2.0
import Kafka
import Logging
import Messaging
import Postgres

/// The driver that a test named.
enum MemberLog {
    struct UnknownDriver: Error {}

    static func make(
        _ environment: [String: String], pool: PostgresPool, wakeUp: WakeUp, logger: Logger
    ) throws -> any MessageLog {
        switch environment["MEMBER_DRIVER"] {
        case "postgres": return PostgresMessageLog(pool: pool, wakeUp: wakeUp, logger: logger)
        case "kafka":
            let configuration = KafkaConfiguration(
                brokers: environment["MEMBER_BROKERS"] ?? "", clientID: "paraph-tests")
            return KafkaMessageLog(configuration, logger: logger)
        default: throw UnknownDriver()
        }
    }
}
