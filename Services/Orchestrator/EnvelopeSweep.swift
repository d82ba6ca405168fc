// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Logging
import Messaging
import Postgres
import ServiceKit

/// What both timers share: look for rows by index, then apply one input to them under their locks.
struct EnvelopeSweep: Sendable {
    /// The most envelopes of one transaction; bulk work goes in chunks, so that readers' horizon moves on.
    static let chunk = 100

    let pool: PostgresPool
    let coordinator: EnvelopeCoordinator
    let outbox: OutboxWriter
    let clock: BusinessClock
    let logger: Logger
    let intervalSeconds: Double

    /// Ticks until shutdown; an error is logged and the next tick tries again.
    func run(_ name: String, until shutdown: ShutdownSignal, tick: () async throws -> Int) async {
        while await !shutdown.race(seconds: intervalSeconds) {
            do {
                while try await tick() == Self.chunk, !shutdown.isTriggered {}
            } catch {
                logger.warning("timer failed", [.serviceName: .string(name), .error: .error(error)])
            }
        }
    }

    /// Applies the input to the rows that the search names; the state under the lock decides, not the search.
    func apply(_ input: EnvelopeInput, to search: PostgresStatement, at now: Instant) async throws -> Int {
        let found = try await pool.execute(search)
        let keys = try found.rows.map { row in
            EnvelopeKey(tenantID: TenantID(try row.uuid(0)), envelopeID: EnvelopeID(try row.uuid(1)))
        }
        guard !keys.isEmpty else { return 0 }
        try await pool.withTransaction { transaction in
            let acts = try await coordinator.apply(input, to: keys, at: now, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
        }
        return keys.count
    }
}
