// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Logging
import Messaging
import Postgres
import ServiceKit

/// Expires envelopes whose deadline has passed.
///
/// A little later than the deadline itself: a submission that intake accepted in time is then surely applied first.
struct DeadlineScheduler: Service {
    let name = "deadline-scheduler"
    let sweep: EnvelopeSweep
    let graceSeconds: Double

    func run(until shutdown: ShutdownSignal) async throws {
        await sweep.run(name, until: shutdown) { try await tick() }
    }

    /// Expires what is due and answers how many envelopes were looked at.
    func tick() async throws -> Int {
        let now = sweep.clock.now()
        let due = now.advanced(bySeconds: -graceSeconds)
        return try await sweep.apply(
            .deadline, to: WorkflowStore.expired(by: due, limit: EnvelopeSweep.chunk), at: now)
    }
}

/// Issues jobs and evidence again that got no answer, under their old ids, so that a late answer is a duplicate.
struct ReconciliationSweep: Service {
    let name = "reconciliation-sweep"
    let sweep: EnvelopeSweep
    let patienceSeconds: Double

    func run(until shutdown: ShutdownSignal) async throws {
        await sweep.run(name, until: shutdown) { try await tick() }
    }

    /// Issues again what is overdue and answers how many envelopes were looked at.
    func tick() async throws -> Int {
        let now = sweep.clock.now()
        let limit = now.advanced(bySeconds: -patienceSeconds)
        return try await sweep.apply(
            .reissue(issuedBefore: limit), to: WorkflowStore.unanswered(since: limit, count: EnvelopeSweep.chunk),
            at: now)
    }
}

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
