// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Envelopes
import Postgres

/// Keeps what is made anew at each attempt with its intent, before the revision is stored.
///
/// RSA PKCS#1 v1.5 gives the same bytes again; ECDSA and timestamps do not, and a repeat after a crash would otherwise
/// find its artifact stored with other bytes.
struct SignatureNotes: Sendable {
    let pool: PostgresPool

    /// The signature to embed: this one, or the one that an earlier attempt made of the same digest and certificate.
    func settled(
        _ cms: [UInt8], digest: [UInt8], certificateSHA256: [UInt8], algorithm: SignatureAlgorithm, of job: SigningJob
    ) async throws -> [UInt8] {
        // Where a timestamp is wanted an attempt may have one and the next one none.
        if algorithm.scheme == .rsaPKCS1, job.policy.padesLevel == .basic { return cms }
        let result = try await pool.execute(
            PostgresStatement(
                """
                update signing_intents i
                set cms = case when i.cms_digest = $7 and i.certificate_sha256 = $8 then i.cms else $9 end,
                    cms_digest = $7, certificate_sha256 = $8
                where tenant_id = $1 and envelope_id = $2 and document_id = $3 and request_id = $4 and version = $5
                  and job_month = date_trunc('month', $6::date)::date and outcome is null
                returning i.cms
                """,
                Self.key(of: job) + [.bytea(digest), .bytea(certificateSHA256), .bytea(cms)]))
        return try result.rows.first?.bytes(0) ?? cms
    }

    /// The update to append: this one, or the one that an earlier attempt made, with the level it reaches.
    func settled(
        raising update: [UInt8], to level: PAdESLevel, of job: SigningJob
    ) async throws -> (update: [UInt8], level: PAdESLevel) {
        let result = try await pool.execute(
            PostgresStatement(
                """
                update signing_intents i
                set cms = coalesce(i.cms, $7), pades_level = coalesce(i.pades_level, $8)
                where tenant_id = $1 and envelope_id = $2 and document_id = $3 and request_id = $4 and version = $5
                  and job_month = date_trunc('month', $6::date)::date and outcome is null
                returning i.cms, i.pades_level
                """, Self.key(of: job) + [.bytea(update), .text(level.rawValue)]))
        guard let row = result.rows.first, let kept = PAdESLevel(rawValue: try row.string(1)) else {
            return (update, level)
        }
        return (try row.bytes(0), kept)
    }

    private static func key(of job: SigningJob) -> [PostgresValue] {
        let key = job.key
        return [
            .uuid(key.tenantID.uuid), .uuid(key.envelopeID.uuid), .uuid(key.documentID.uuid), .uuid(key.requestID),
            .int4(Int32(key.version)), .date(job.fixedTime),
        ]
    }
}
