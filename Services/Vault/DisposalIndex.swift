// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Postgres

/// What the index knows of artifacts that are to be disposed of.
enum DisposalIndex {
    struct Entry: Sendable {
        let copy: ObjectReference
        let working: ObjectReference
        let kind: ArtifactKind
        let retentionClass: String
        let completedAt: Instant
        let isDisposed: Bool
    }

    /// Locks the entries of these artifacts; one that is not stored has none.
    static func lock(
        _ commands: [DisposeArtifactV1], in transaction: PostgresTransaction
    ) async throws -> [ArtifactID: Entry] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select e.tenant_id, e.artifact_id, e.sha256, e.size, e.data_key_id, e.working_artifact_id,
                       e.working_data_key_id, e.kind, e.retention_class, e.completed_at, e.disposed_at is not null
                from evidence e
                where (e.tenant_id, e.artifact_id) in (select t, a from unnest($1::uuid[], $2::uuid[]) as m(t, a))
                  and e.stored_at is not null
                order by e.tenant_id, e.artifact_id for update
                """,
                [.uuidArray(commands.map(\.tenantID.uuid)), .uuidArray(commands.map(\.artifactID.uuid))]))
        var entries: [ArtifactID: Entry] = [:]
        for row in result.rows {
            guard let sha256 = ContentDigest(bytes: try row.bytes(2)),
                let kind = ArtifactKind(rawValue: try row.string(7))
            else { continue }
            let tenant = TenantID(try row.uuid(0))
            let artifact = ArtifactID(try row.uuid(1))
            let size = try row.int(3)
            let working = ObjectReference(
                tenantID: tenant, artifactID: ArtifactID(try row.uuid(5)), sha256: sha256, size: size,
                dataKeyID: DataKeyID(try row.uuid(6)))
            entries[artifact] = Entry(
                copy: ObjectReference(
                    tenantID: tenant, artifactID: artifact, sha256: sha256, size: size,
                    dataKeyID: DataKeyID(try row.uuid(4))), working: working, kind: kind,
                retentionClass: try row.string(8), completedAt: try row.instant(9), isDisposed: try row.bool(10))
        }
        return entries
    }

    /// Notes that the disposal begins: from here on it can only be finished.
    static func intend(
        _ commands: [DisposeArtifactV1], at now: Instant, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(
            PostgresStatement(
                """
                update evidence e set disposal_id = coalesce(e.disposal_id, x.d),
                  disposal_intended_at = coalesce(e.disposal_intended_at, $4)
                from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as x(t, a, d)
                where e.tenant_id = x.t and e.artifact_id = x.a
                """,
                [
                    .uuidArray(commands.map(\.tenantID.uuid)), .uuidArray(commands.map(\.artifactID.uuid)),
                    .uuidArray(commands.map(\.disposalID.uuid)), .timestamptz(now),
                ]))
    }

    /// Notes that the artifacts are gone.
    static func finish(
        _ commands: [DisposeArtifactV1], at now: Instant, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(
            PostgresStatement(
                """
                update evidence e set disposed_at = $3 from unnest($1::uuid[], $2::uuid[]) as x(t, a)
                where e.tenant_id = x.t and e.artifact_id = x.a and e.disposed_at is null
                """,
                [
                    .uuidArray(commands.map(\.tenantID.uuid)), .uuidArray(commands.map(\.artifactID.uuid)),
                    .timestamptz(now),
                ]))
    }
}
