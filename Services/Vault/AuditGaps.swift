// SPDX-License-Identifier: Apache-2.0
import Metrics
import Postgres
import ServiceKit
import Synchronization

/// Counts audit streams that stand still with later events waiting: a hole in a producer's sequence is an incident.
final class AuditGaps: Service {
    let name = "vault.audit-gaps"
    private let pool: PostgresPool
    private let count = Atomic<Int>(0)

    init(pool: PostgresPool, metrics: MetricsRegistry) {
        self.pool = pool
        metrics.gauge("paraph_audit_gaps", "Audit streams whose next event is missing while later ones are there.") {
            [weak self] in self.map { [.init(Double($0.count.load(ordering: .relaxed)))] } ?? []
        }
    }

    /// Looks every five seconds; while the database is away the last count stands.
    func run(until shutdown: ShutdownSignal) async throws {
        while !shutdown.isTriggered {
            if let missing = try? await parkedStreams() { count.store(missing, ordering: .relaxed) }
            await shutdown.race(seconds: 5)
        }
    }

    private func parkedStreams() async throws -> Int {
        let result = try await pool.execute(
            PostgresStatement(
                "select count(*) from stream_position where topic = 'audit.events.v1' and is_parked"))
        return try result.rows.first?.int(0) ?? 0
    }
}
