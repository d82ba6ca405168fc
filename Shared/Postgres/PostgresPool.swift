// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Metrics
package import ServiceKit

/// A bounded set of sessions to one database as one role, leased to tasks in the order of their asking.
///
/// As a `Service` it stops last: it waits until every lease has come back, then closes the sessions.
package final class PostgresPool: Service {
    /// The service's name in logs.
    package let name = "postgres-pool"
    /// What the sessions are opened with.
    package let configuration: PostgresConfiguration

    private let leases: LeaseQueue

    /// Opens nothing yet; each session connects when it is first used.
    package init(_ configuration: PostgresConfiguration, logger: Logger, metrics: MetricsRegistry) {
        self.configuration = configuration
        leases = LeaseQueue(configuration, observer: PoolObserver(logger: logger, metrics: metrics))
    }

    /// Leases sessions until shutdown, then lets the leased ones finish and closes all.
    package func run(until shutdown: ShutdownSignal) async throws {
        await shutdown.wait()
        await close()
    }

    /// Refuses new leases, waits for those given out, and closes every session.
    package func close() async {
        for session in await leases.close() { await session.close() }
    }

    /// Runs a body in a READ COMMITTED transaction and commits when it returns; it is never run a second time.
    ///
    /// The transaction is rolled back when the body throws or the task is cancelled.
    /// - Throws: what the body throws, `PostgresError`, or `CancellationError`.
    package func withTransaction<R: Sendable>(_ body: (PostgresTransaction) async throws -> R) async throws -> R {
        let session = try await leases.lease()
        let state = TransactionState()
        let result: R
        do {
            result = try await body(PostgresTransaction(session: session, state: state))
            if state.phase != .committed { try Task.checkCancellation() }
            switch state.phase {
            case .notBegun, .committed: break
            case .open: _ = try await session.run([], in: state, committing: true)
            case .ended:
                throw PostgresError(.notCommitted, "the body returned although its transaction had failed")
            }
        } catch {
            if state.phase == .open { await session.rollBack(state) }
            leases.release(session)
            state.runActionsIfCommitted()
            throw error
        }
        if state.phase == .notBegun { state.phase = .committed }
        leases.release(session)
        state.runActionsIfCommitted()
        return result
    }

    /// Runs one statement that commits by itself.
    package func execute(_ statement: PostgresStatement) async throws -> PostgresResult {
        try await batch([statement]).first ?? .empty
    }

    /// Runs statements as one pipeline: one round trip, one implicit transaction, all or none of them.
    package func batch(_ statements: [PostgresStatement]) async throws -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        let session = try await leases.lease()
        defer { leases.release(session) }
        return try await session.autocommit(statements)
    }
}
