// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import Synchronization

/// Keeps a pool's metrics, and logs when the database goes away and comes back rather than each failure.
final class PoolObserver: Sendable {
    private let logger: Logger
    private let metrics: MetricsRegistry
    private let waitSeconds: Histogram
    private let errors: Counter
    private let open = Atomic<Int>(0)
    private let isReachable = Mutex(true)

    init(logger: Logger, metrics: MetricsRegistry) {
        self.logger = logger
        self.metrics = metrics
        waitSeconds = metrics.histogram(
            "paraph_postgres_pool_wait_seconds", "Time tasks waited for a database session.")
        errors = metrics.counter(
            "paraph_postgres_errors_total", "Database errors by the first two characters of SQLSTATE.",
            labels: ["sqlstate_class"])
    }

    /// Exports the number of sessions by state, with the leased ones counted by the closure.
    func export(leased: @escaping @Sendable () -> Int) {
        metrics.gauge(
            "paraph_postgres_pool_sessions", "Database sessions: leased to a task, or open and idle.", labels: ["state"]
        ) { [weak self] in
            let leased = leased()
            let open = self?.open.load(ordering: .relaxed) ?? 0
            return [
                .init(Double(leased), labels: ["leased"]), .init(Double(max(0, open - leased)), labels: ["idle"]),
            ]
        }
    }

    func waited(seconds: Double) { waitSeconds.observe(seconds) }

    func sessionOpened() {
        open.add(1, ordering: .relaxed)
        if changeReachability(to: true) { logger.notice("the database can be reached again") }
    }

    func sessionClosed() { open.subtract(1, ordering: .relaxed) }

    func connectFailed(_ error: PostgresError) {
        guard changeReachability(to: false) else { return }
        logger.warning(
            "the database cannot be reached", [.errorCode: .string(error.code.rawValue), .error: .error(error)])
    }

    /// Counts an error and returns it.
    func noting(_ error: PostgresError) -> PostgresError {
        errors.increment(error.sqlState?.errorClass ?? (error.code == .poolTimeout ? "pool" : "client"))
        return error
    }

    private func changeReachability(to value: Bool) -> Bool {
        isReachable.withLock { current in
            defer { current = value }
            return current != value
        }
    }
}
