// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Logging
package import Postgres
package import ServiceKit

/// Keeps the outbox's daily partitions: makes the next one ahead of time and drops what every reader has left behind.
package struct OutboxPartitions: Service {
    package let name = "messaging.partitions"
    /// Nothing younger is dropped, so that a broker that lost everything can be filled again.
    package static let keepSeconds = 86_400.0

    private let pool: PostgresPool
    private let clock: BusinessClock
    private let relay: String?
    private let logger: Logger

    /// `relay` names the consumer that reads for all others where a broker is used.
    package init(pool: PostgresPool, clock: BusinessClock, relay: String? = nil, logger: Logger) {
        self.pool = pool
        self.clock = clock
        self.relay = relay
        self.logger = logger
    }

    static func ensuring(_ day: Instant) -> PostgresStatement {
        PostgresStatement("select ensure_outbox_day($1)", [.date(day)])
    }

    /// Makes the partitions of today and tomorrow.
    package func ensure() async throws {
        let now = clock.now()
        _ = try await pool.batch([Self.ensuring(now), Self.ensuring(now.advanced(bySeconds: 86_400))])
    }

    /// Drops the days that ended at least 24 h ago and that every cursor has left behind; answers how many.
    @discardableResult
    package func dropSettled() async throws -> Int {
        let before = clock.now().advanced(bySeconds: -Self.keepSeconds)
        let result = try await pool.execute(
            PostgresStatement(
                "select drop_outbox_days($1, $2)", [.date(before), relay.map { .text($0) } ?? .null]))
        return try result.rows.first?.int(0) ?? 0
    }

    /// Looks every ten minutes; a failure is tried again at the next look.
    package func run(until shutdown: ShutdownSignal) async throws {
        while !shutdown.isTriggered {
            do {
                try await ensure()
                let dropped = try await dropSettled()
                if dropped > 0 { logger.info("dropped outbox partitions", [.count: .int(dropped)]) }
            } catch {
                logger.warning("outbox partitions could not be kept", [.error: .error(error)])
            }
            await shutdown.race(seconds: 600)
        }
    }
}
