// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Logging
import Messaging
import Postgres
import ServiceKit
import Synchronization
import Tracing

/// Puts every decision about a tenant's keys into the audit log, and warns before certificates and cryptoperiods end.
///
/// Operators change the registers in the key store, where no database has to be up; what they decided counts at once. This
/// finds what is not recorded yet and records it.
struct KeyWatch: Service {
    let name = "key-watch"
    let seals: TenantSeals
    let pool: PostgresPool
    let outbox: OutboxWriter
    let clock: BusinessClock
    let ids: IDSource
    let logger: Logger
    let intervalSeconds: Double
    private let warnings = KeyWarnings()

    func run(until shutdown: ShutdownSignal) async throws {
        repeat {
            do {
                try await tick()
            } catch {
                logger.warning("key registers could not be recorded", [.error: .error(error)])
            }
        } while await !shutdown.race(seconds: intervalSeconds)
    }

    /// Records what is new and warns of what ends.
    func tick() async throws {
        let now = clock.now()
        var steps: [KeyStep] = []
        for (tenant, register) in try seals.registers() {
            for key in register.keys {
                steps += KeyStep.all(of: key, tenant: tenant)
                for warning in warnings.news(of: key, at: now) {
                    logger.warning(
                        warning,
                        [.tenantID: .uuid(tenant), .keyID: .uuid(key.id), .daysLeft: .int(key.daysLeft(at: now))])
                }
            }
        }
        if !steps.isEmpty { try await record(steps, at: now) }
    }

    private func record(_ steps: [KeyStep], at now: Instant) async throws {
        try await pool.withTransaction { transaction in
            let new = try await transaction.execute(
                PostgresStatement(
                    """
                    insert into key_transitions (tenant_id, key_id, n, state, decided_at, recorded_at)
                    select t, k, n, s, d, $6 from unnest($1::uuid[], $2::uuid[], $3::int4[], $4::text[], $5::timestamptz[])
                      as x(t, k, n, s, d) order by t, k, n
                    on conflict do nothing
                    returning key_id, n
                    """,
                    [
                        .uuidArray(steps.map(\.tenant)), .uuidArray(steps.map(\.key.id)),
                        .int4Array(steps.map { Int32($0.number) }), .textArray(steps.map(\.state.rawValue)),
                        .timestamptzArray(steps.map(\.decidedAt)), .timestamptz(now),
                    ]))
            let recorded = Set(try new.rows.map { KeyStep.ID(key: try $0.uuid(0), number: try $0.int(1)) })
            let acts = try steps.filter { recorded.contains($0.id) }.map { try act(for: $0, at: now) }
            if !acts.isEmpty { try await outbox.write(acts, in: transaction) }
        }
    }

    private func act(for step: KeyStep, at now: Instant) throws -> Act {
        let tenant = TenantID(step.tenant)
        var fact = AuditFact(
            eventID: ids.next(), tenantID: tenant, subject: .tenant, eventType: step.eventType,
            actor: AuditActor(kind: .operator, id: "operator"), occurredAt: now,
            correlationID: CorrelationID(ids.next()).text,
            metadata: [
                "key_id": .string(step.key.id.text), "purpose": .string(step.key.purpose.rawValue),
                "algorithm": .string(step.key.algorithm),
                "decided_at": .string(step.decidedAt.rfc3339(fractionDigits: 6)),
            ])
        fact.hashes["certificate_sha256"] = ContentDigest(hex: step.key.certificateSHA256)
        let event = AuditEventV1(fact: fact)
        return Act(audit: [try OutgoingMessage(event, key: event.streamKey, tenantID: tenant.uuid)])
    }
}

/// One step of a key's life.
private struct KeyStep {
    struct ID: Hashable {
        let key: UUID
        let number: Int
    }

    let tenant: UUID
    let key: RegisteredKey
    let number: Int
    let state: KeyState
    let decidedAt: Instant

    var id: ID { ID(key: key.id, number: number) }

    static func all(of key: RegisteredKey, tenant: UUID) -> [KeyStep] {
        let first = KeyStep(tenant: tenant, key: key, number: 0, state: .preActivation, decidedAt: key.createdAt)
        return [first]
            + key.transitions.enumerated().map {
                KeyStep(tenant: tenant, key: key, number: $0 + 1, state: $1.state, decidedAt: $1.at)
            }
    }

    var eventType: AuditEventType {
        switch state {
        case .preActivation: "key.staged"
        case .active: "key.activated"
        case .suspended: "key.suspended"
        case .deactivated: "key.deactivated"
        case .compromised: "key.compromised"
        case .destroyed: "key.destroyed"
        }
    }
}

/// Which warnings a process has given: each of a key's thresholds once.
private final class KeyWarnings: Sendable {
    private static let thresholdDays = [7, 14, 30]
    private let given = Mutex<Set<String>>([])

    func news(of key: RegisteredKey, at now: Instant) -> [StaticString] {
        guard key.state == .active else { return [] }
        var news: [StaticString] = []
        if let days = Self.thresholdDays.first(where: { key.daysLeft(at: now) < $0 }), isNew("\(key.id) \(days)") {
            news.append("a signing certificate ends soon: import a renewed one, try it and activate it")
        }
        if now >= key.rotateBy, isNew("\(key.id) rotate") {
            news.append("a signing key's cryptoperiod is over: import another, try it and activate it")
        }
        return news
    }

    private func isNew(_ warning: String) -> Bool { given.withLock { $0.insert(warning).inserted } }
}

extension RegisteredKey {
    /// Whole days until the certificate chain ends; negative afterwards.
    fileprivate func daysLeft(at now: Instant) -> Int { Int((notAfter.seconds(since: now) / 86_400).rounded(.down)) }
}

extension LogKey {
    fileprivate static let keyID = LogKey("key.id")
    fileprivate static let daysLeft = LogKey("days.left")
}
