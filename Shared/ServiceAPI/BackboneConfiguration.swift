// SPDX-License-Identifier: Apache-2.0
package import Configuration
import Postgres

/// The settings that every service has under its own prefix: its database role, its admin listener, its pace.
package struct BackboneConfiguration: Sendable {
    package let databasePassword: Secret?
    /// Sessions in the pool.
    package let databasePool: Int
    package let adminPort: Int
    package let drainSeconds: Double

    /// Reads the keys that begin with `prefix`, as in `INTAKE_`.
    package init(reader: inout ConfigurationReader, prefix: String) {
        let keys = Keys(prefix: prefix)
        databasePassword = reader.optional(keys.password)
        databasePool = reader.int(keys.pool)
        adminPort = reader.port(keys.adminPort)
        drainSeconds = reader.duration(keys.drain)
    }

    /// In the order of `--help`.
    package static func keys(prefix: String) -> [any ConfigurationKeyDescription] {
        let keys = Keys(prefix: prefix)
        return [keys.password, keys.pool, keys.adminPort, keys.drain]
    }

    private struct Keys {
        let password: ConfigurationKey<Secret>
        let pool: ConfigurationKey<Int>
        let adminPort: ConfigurationKey<Int>
        let drain: ConfigurationKey<Double>

        init(prefix: String) {
            password = .secretFile(
                "\(prefix)DATABASE_PASSWORD_FILE", optional: true, "password of this service's database role")
            pool = .int("\(prefix)DATABASE_POOL", default: 6, in: 2...64, unit: "sessions", "size of the session pool")
            adminPort = .port(
                "\(prefix)ADMIN_PORT", default: 0,
                "port on 127.0.0.1 for /livez, /readyz and /metrics; 0 takes a free one")
            drain = .duration(
                "\(prefix)DRAIN_SECONDS", default: 25, in: 1...600, "how long work in hand may take after SIGTERM")
        }
    }
}
