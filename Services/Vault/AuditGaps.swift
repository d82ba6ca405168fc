// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Logging
import Metrics
import Postgres
import ServiceKit
import Synchronization

/// Counts audit streams with a hole: a hole in a producer's sequence is an incident.
///
/// A stream has one when an event of it is a dead letter, and when an event that others name as their cause has not
/// come in.
final class AuditGaps: Service {
    let name = "vault.audit-gaps"
    private let consumer: String
    private let pool: PostgresPool
    private let logger: Logger
    private let count = Atomic<Int>(0)

    init(consumer: String, pool: PostgresPool, logger: Logger, metrics: MetricsRegistry) {
        self.consumer = consumer
        self.pool = pool
        self.logger = logger
        metrics.gauge("paraph_audit_gaps", "Audit streams with a missing event.") {
            [weak self] in self.map { [.init(Double($0.count.load(ordering: .relaxed)))] } ?? []
        }
    }

    /// Looks every five seconds; while the database is away the last count stands.
    func run(until shutdown: ShutdownSignal) async throws {
        while !shutdown.isTriggered {
            try? await look()
            await shutdown.race(seconds: 5)
        }
    }

    /// Forgets what has come in since, and counts the rest.
    func look() async throws {
        let result = try await pool.batch([
            PostgresStatement(
                """
                delete from missing_events m
                where m.seq < (
                    select p.next_seq from stream_position p
                    where p.consumer = $1 and p.producer = m.producer and p.topic = m.topic and p.key = m.key)
                """, [.text(consumer)]),
            PostgresStatement(
                """
                select count(*) from (
                    select producer, key from missing_events
                    union select producer, key from dead_letters where consumer = $1 and topic = $2
                ) as streams
                """, [.text(consumer), .text(Topic.auditEvents.name)]),
        ])
        let found = try result.last?.rows.first?.int(0) ?? 0
        let before = count.exchange(found, ordering: .relaxed)
        if found > before {
            logger.error(
                "audit events are missing: see that all services run, then `paraph redrive vault list`",
                [.count: .int(found)])
        }
    }

    /// Remembers events that did not come in within the waiting time.
    static func note(
        _ references: [MessageReference], at now: Instant, in transaction: PostgresTransaction
    ) async throws {
        let references = references.sorted { $0.id < $1.id }
        _ = try await transaction.execute(
            PostgresStatement(
                """
                insert into missing_events (producer, topic, key, seq, noticed_at)
                select p, t, k, s, $5 from unnest($1::text[], $2::text[], $3::uuid[], $4::int8[]) as m(p, t, k, s)
                on conflict do nothing
                """,
                [
                    .textArray(references.map(\.producer)), .textArray(references.map(\.topic)),
                    .uuidArray(references.map(\.key)), .int8Array(references.map(\.seq)), .timestamptz(now),
                ]))
    }
}
