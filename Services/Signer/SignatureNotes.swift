// SPDX-License-Identifier: Apache-2.0
import Cryptography
import Envelopes
import Postgres

/// Keeps a signature value with its intent before the revision is stored, where the algorithm makes a new one each time.
///
/// RSA PKCS#1 v1.5 gives the same bytes again; ECDSA does not, and a repeat after a crash would otherwise find its
/// artifact stored with other bytes.
struct SignatureNotes: Sendable {
    let pool: PostgresPool

    /// The signature to embed: this one, or the one that an earlier attempt made of the same digest and certificate.
    func settled(
        _ cms: [UInt8], digest: [UInt8], certificateSHA256: [UInt8], algorithm: SignatureAlgorithm, of job: SigningJob
    ) async throws -> [UInt8] {
        if algorithm.scheme == .rsaPKCS1 { return cms }
        let key = job.key
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
                [
                    .uuid(key.tenantID.uuid), .uuid(key.envelopeID.uuid), .uuid(key.documentID.uuid),
                    .uuid(key.requestID), .int4(Int32(key.version)), .date(job.fixedTime), .bytea(digest),
                    .bytea(certificateSHA256), .bytea(cms),
                ]))
        return try result.rows.first?.bytes(0) ?? cms
    }
}
