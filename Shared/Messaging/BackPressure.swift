// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Logging
package import Metrics
package import Postgres
package import ServiceKit
import Synchronization

/// How far readers are behind this service's outbox, looked up every second; cheap to ask.
package final class BackPressure: Service {
    /// One look at the outbox.
    package struct Status: Sendable, Equatable {
        /// Zero when everything is read.
        package var oldestUnreadSeconds = 0.0
        /// An upper bound: rows since the oldest unread one.
        package var unreadRows = 0
        /// How long the same transaction has kept the horizon back.
        package var horizonAgeSeconds = 0.0
        package var deadLetters = 0

        /// Nothing behind.
        package init() {}

        /// Whether new work has to be refused for a while.
        package var isOverloaded: Bool { oldestUnreadSeconds > 30 || unreadRows > 1_000_000 }
    }

    package let name = "messaging.back-pressure"
    private let pool: PostgresPool
    private let clock: BusinessClock
    private let relay: String?
    private let logger: Logger
    private let state = Mutex((status: Status(), horizon: UInt64(0), since: ContinuousClock.now))

    /// Registers the gauges of outbox and dead letters; `relay` names the consumer that reads for all others where a
    /// broker is used.
    package init(
        pool: PostgresPool, clock: BusinessClock, relay: String? = nil, logger: Logger, metrics: MetricsRegistry
    ) {
        self.pool = pool
        self.clock = clock
        self.relay = relay
        self.logger = logger
        register(in: metrics)
    }

    /// The last look, at most about a second old while the database answers.
    package var status: Status { state.withLock { $0.status } }

    /// Looks once.
    package func refresh() async throws {
        let results = try await pool.batch([
            OutboxPoll.planning,
            PostgresStatement(
                """
                select min(o.written_at), min(o.id), (select last_value from outbox_id_seq)
                from outbox_lane_cursors($1) c
                cross join lateral (
                    select o.written_at, o.id from outbox o
                    where o.topic = c.topic and o.lane = c.lane
                        and (o.transaction_id, o.id) > (c.transaction_id, c.id)
                    order by o.transaction_id, o.id limit 1
                ) o
                """, [relay.map { .text($0) } ?? .null]),
            PostgresStatement(
                "select pg_snapshot_xmin(s), pg_snapshot_xmax(s) from pg_current_snapshot() s"),
            PostgresStatement("select count(*) from dead_letters"),
        ])
        var status = Status()
        if let row = results[1].rows.first, let oldest = try row.instantOrNil(0) {
            status.oldestUnreadSeconds = max(0, clock.now().seconds(since: oldest))
            status.unreadRows = try row.int(2) - row.int(1) + 1
        }
        status.deadLetters = try results[3].rows.first?.int(0) ?? 0
        guard let row = results[2].rows.first else { return }
        let (xmin, xmax) = (try row.xid(0), try row.xid(1))
        let now = ContinuousClock.now
        state.withLock { state in
            if xmin == xmax || xmin != state.horizon {
                state.horizon = xmin
                state.since = now
            }
            let age = (now - state.since).components
            status.horizonAgeSeconds = Double(age.seconds) + Double(age.attoseconds) / 1e18
            state.status = status
        }
    }

    /// Looks every second; while the database is away the last look stands.
    package func run(until shutdown: ShutdownSignal) async throws {
        var wasFailing = false
        while !shutdown.isTriggered {
            do {
                try await refresh()
                wasFailing = false
            } catch {
                if !wasFailing { logger.warning("cannot look at the outbox", [.error: .error(error)]) }
                wasFailing = true
            }
            await shutdown.race(seconds: 1)
        }
    }

    private func register(in metrics: MetricsRegistry) {
        func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable (Status) -> Double) {
            metrics.gauge(name, help) { [weak self] in self.map { [.init(read($0.status))] } ?? [] }
        }
        gauge("paraph_outbox_oldest_unread_seconds", "Age of the oldest outbox row that a reader has not settled.") {
            $0.oldestUnreadSeconds
        }
        gauge("paraph_outbox_unread_rows", "Outbox rows since the oldest unread one.") { Double($0.unreadRows) }
        gauge("paraph_outbox_horizon_age_seconds", "How long one transaction has kept later rows invisible.") {
            $0.horizonAgeSeconds
        }
        gauge("paraph_dead_letters", "Messages that could not be handled and wait for an operator.") {
            Double($0.deadLetters)
        }
    }
}
