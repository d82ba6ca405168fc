// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Postgres
import RetentionRules

/// When each artifact may go.
enum ScheduleStore {
    struct Schedule: Sendable {
        let tenantID: TenantID
        let envelopeID: EnvelopeID
        let artifactID: ArtifactID
        let kind: ArtifactKind
        let retentionClass: RetentionClass
        let policyVersion: String
        let anchoredAt: Instant
        let dueAt: Instant
    }

    /// Stores schedules, one for each artifact; one that there is keeps the later due date.
    ///
    /// - Returns: The artifacts whose schedule is new or moved.
    static func insert(
        _ schedules: [Schedule], at now: Instant, in transaction: PostgresTransaction
    ) async throws -> Set<ArtifactID> {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                insert into schedules as s
                  (tenant_id, artifact_id, envelope_id, kind, retention_class, policy_version, anchored_at, due_at, scheduled_at)
                select t, a, e, k, c, p, b, d, $9
                from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                            $8::timestamptz[]) as m(t, a, e, k, c, p, b, d)
                order by t, a
                on conflict (tenant_id, artifact_id) do update set due_at = excluded.due_at where s.due_at < excluded.due_at
                returning artifact_id
                """,
                [
                    .uuidArray(schedules.map(\.tenantID.uuid)), .uuidArray(schedules.map(\.artifactID.uuid)),
                    .uuidArray(schedules.map(\.envelopeID.uuid)), .textArray(schedules.map(\.kind.rawValue)),
                    .textArray(schedules.map(\.retentionClass.name)), .textArray(schedules.map(\.policyVersion)),
                    .timestamptzArray(schedules.map(\.anchoredAt)), .timestamptzArray(schedules.map(\.dueAt)),
                    .timestamptz(now),
                ]))
        return Set(try result.rows.map { ArtifactID(try $0.uuid(0)) })
    }

    /// The schedule of an artifact, locked, with the disposal that was asked for; nil when there is none.
    static func find(
        _ artifact: ArtifactID, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> (schedule: Schedule, disposal: JobID?)? {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select envelope_id, kind, retention_class, policy_version, anchored_at, due_at, disposal_id
                from schedules where tenant_id = $1 and artifact_id = $2 for update
                """, [.uuid(tenant.uuid), .uuid(artifact.uuid)]))
        guard let row = result.rows.first, let kind = ArtifactKind(rawValue: try row.string(1)),
            let retentionClass = RetentionClass(named: try row.string(2))
        else { return nil }
        let schedule = Schedule(
            tenantID: tenant, envelopeID: EnvelopeID(try row.uuid(0)), artifactID: artifact, kind: kind,
            retentionClass: retentionClass, policyVersion: try row.string(3), anchoredAt: try row.instant(4),
            dueAt: try row.instant(5))
        return (schedule, try row.uuidOrNil(6).map { JobID($0) })
    }

    /// Notes that disposal was asked for.
    static func markDisposal(
        of artifact: ArtifactID, tenant: TenantID, disposal: JobID, at now: Instant, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(
            PostgresStatement(
                """
                update schedules set disposal_id = $3, disposal_requested_at = $4 where tenant_id = $1 and artifact_id = $2
                """, [.uuid(tenant.uuid), .uuid(artifact.uuid), .uuid(disposal.uuid), .timestamptz(now)]))
    }
}
