// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Logging
import Messaging
import Postgres
import ServiceKit
import Synchronization
import Tracing

/// Puts denials into the audit log: those of known callers one by one, those of strangers as a count each second, so that
/// a flood of bad tokens is not a flood of rows.
final class DenialRecorder: Service {
    let name = "denials"
    private let pool: PostgresPool
    private let outbox: OutboxWriter
    private let clock: BusinessClock
    private let ids: IDSource
    private let logger: Logger
    private let strangers = Mutex(0)

    init(pool: PostgresPool, outbox: OutboxWriter, clock: BusinessClock, ids: IDSource, logger: Logger) {
        self.pool = pool
        self.outbox = outbox
        self.clock = clock
        self.ids = ids
        self.logger = logger
    }

    func run(until shutdown: ShutdownSignal) async throws {
        while await !shutdown.race(seconds: 1) { await flush() }
        await flush()
    }

    /// A request without a token that anybody was ever given.
    func countStranger() { strangers.withLock { $0 += 1 } }

    /// A request of a known caller that its token does not allow; durable when this returns.
    func record(_ principal: Principal, reason: String, route: String, address: String) async throws {
        var fact = AuditFact(
            eventID: ids.next(), tenantID: principal.tenantID, subject: .tenant, eventType: "access.denied",
            outcome: .denied, reason: reason, actor: principal.actor, occurredAt: clock.now(),
            correlationID: correlation)
        fact.metadata = ["route": .string(route)]
        try await write(fact, personal: PersonalData(ipAddress: address))
    }

    private func flush() async {
        let count = strangers.withLock { count in
            defer { count = 0 }
            return count
        }
        guard count > 0 else { return }
        var fact = AuditFact(
            eventID: ids.next(), tenantID: TenantID(AuditEventV1.systemKey), subject: .system,
            eventType: "access.denied", outcome: .denied, reason: "unknown_token",
            actor: AuditActor(kind: .anonymous, id: "anonymous"), occurredAt: clock.now(), correlationID: correlation)
        fact.metadata = ["requests": .integer(Int64(count))]
        do {
            try await write(fact, personal: nil)
        } catch {
            strangers.withLock { $0 += count }
            logger.warning("denials not recorded; trying again", [.error: .error(error)])
        }
    }

    private func write(_ fact: AuditFact, personal: PersonalData?) async throws {
        let event = AuditEventV1(fact: fact, personal: personal)
        let message = try OutgoingMessage(event, key: event.streamKey, tenantID: fact.tenantID.uuid)
        try await pool.withTransaction { transaction in
            _ = try await transaction.pipelineAndCommit(outbox.statements([Act(audit: [message])], in: transaction))
        }
    }

    private var correlation: String { (Trace.current?.correlationID ?? CorrelationID(ids.next())).text }
}
