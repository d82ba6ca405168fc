// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres

/// The index of what the vault keeps.
enum EvidenceIndex {
    /// A copy that is stored already.
    struct Kept {
        let copy: ObjectReference
        let storedAt: Instant
    }

    /// Writes intents; answers the artifacts that are stored already.
    ///
    /// - Throws: `PermanentFailure` when a command names other content than the one before it, or what was disposed of.
    static func intend(
        _ commands: [StoreEvidenceV1], at now: Instant, in transaction: PostgresTransaction
    ) async throws -> [ArtifactID: Kept] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                insert into evidence as e
                  (tenant_id, artifact_id, envelope_id, document_id, kind, version, pades_level, retention_class,
                   policy_version, signing_method, legal_standard, sha256, size, completed_at, working_artifact_id,
                   working_data_key_id, intended_at)
                select t, a, v, d, k, n, l, c, p, m, s, h, z, f, wa, wk, $17
                from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int4[], $7::text[], $8::text[],
                            $9::text[], $10::text[], $11::text[], $12::bytea[], $13::int8[], $14::timestamptz[],
                            $15::uuid[], $16::uuid[])
                  as x(t, a, v, d, k, n, l, c, p, m, s, h, z, f, wa, wk)
                order by t, a
                on conflict (tenant_id, artifact_id) do update set intended_at = e.intended_at
                returning tenant_id, artifact_id, sha256, size, data_key_id, stored_at, disposed_at
                """,
                [
                    .uuidArray(commands.map(\.tenantID.uuid)), .uuidArray(commands.map(\.artifactID.uuid)),
                    .uuidArray(commands.map(\.envelopeID.uuid)), .uuidArray(commands.map(\.documentID.uuid)),
                    .textArray(commands.map(\.kind.rawValue)), .int4Array(commands.map { Int32($0.version) }),
                    .textArray(commands.map(\.padesLevel.rawValue)), .textArray(commands.map(\.retentionClass)),
                    .textArray(commands.map(\.policyVersion)), .textArray(commands.map(\.signingMethod.rawValue)),
                    .textArray(commands.map(\.legalStandard.rawValue)),
                    .byteaArray(commands.map(\.object.sha256.bytes)),
                    .int8Array(commands.map { Int64($0.object.size) }),
                    .timestamptzArray(commands.map(\.completedAt)), .uuidArray(commands.map(\.object.artifactID.uuid)),
                    .uuidArray(commands.map(\.object.dataKeyID.uuid)), .timestamptz(now),
                ]))
        let expected = Dictionary(commands.map { ($0.artifactID, $0.object.sha256) }) { first, _ in first }
        var known: [ArtifactID: Kept] = [:]
        for row in result.rows {
            let artifact = ArtifactID(try row.uuid(1))
            guard let sha256 = ContentDigest(bytes: try row.bytes(2)), sha256 == expected[artifact] else {
                throw PermanentFailure(code: "artifact_conflict", detail: "artifact \(artifact) has other content")
            }
            guard try row.instantOrNil(6) == nil else {
                throw PermanentFailure(code: "artifact_disposed", detail: "artifact \(artifact)")
            }
            guard let key = try row.uuidOrNil(4), let stored = try row.instantOrNil(5) else { continue }
            let copy = ObjectReference(
                tenantID: TenantID(try row.uuid(0)), artifactID: artifact, sha256: sha256, size: try row.int(3),
                dataKeyID: DataKeyID(key))
            known[artifact] = Kept(copy: copy, storedAt: stored)
        }
        return known
    }

    /// The statement that notes stored copies.
    static func finishing(_ copies: [ObjectReference], at now: Instant) -> PostgresStatement {
        PostgresStatement(
            """
            update evidence e set stored_at = $4, data_key_id = x.k
            from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as x(t, a, k)
            where e.tenant_id = x.t and e.artifact_id = x.a and e.stored_at is null
            """,
            [
                .uuidArray(copies.map(\.tenantID.uuid)), .uuidArray(copies.map(\.artifactID.uuid)),
                .uuidArray(copies.map(\.dataKeyID.uuid)), .timestamptz(now),
            ])
    }

    /// The write-once copy of an artifact; nil while it is not stored, and once it is disposed of.
    static func find(_ artifact: ArtifactID, tenant: TenantID, in pool: PostgresPool) async throws -> ObjectReference? {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select sha256, size, data_key_id from evidence
                where tenant_id = $1 and artifact_id = $2 and stored_at is not null and disposed_at is null
                """, [.uuid(tenant.uuid), .uuid(artifact.uuid)]))
        guard let row = result.rows.first, let digest = ContentDigest(bytes: try row.bytes(0)) else { return nil }
        return ObjectReference(
            tenantID: tenant, artifactID: artifact, sha256: digest, size: try row.int(1),
            dataKeyID: DataKeyID(try row.uuid(2)))
    }
}
