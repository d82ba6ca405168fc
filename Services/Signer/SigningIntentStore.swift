// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Postgres

/// The intents of the pool and what came of them.
enum SigningIntentStore {
    /// Writes the intents of these jobs, or takes them over with one more attempt; answers the outcomes already stored.
    ///
    /// The lease is informative: what keeps an outcome single is that it is written only where there is none.
    static func intend(
        _ jobs: [SigningJob], owner: String, at now: Instant, in transaction: PostgresTransaction
    ) async throws -> [SigningJob.Key: SigningOutcome] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                insert into signing_intents as i
                  (tenant_id, envelope_id, document_id, request_id, version, job_month, job_id, artifact_id,
                   policy_version, signing_method, legal_standard, leased_by, leased_until, created_at)
                select t, e, d, r, v, date_trunc('month', m)::date, j, a, pv, sm, ls, $12, $13::timestamptz + interval '60 s', $13
                from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int4[], $6::date[], $7::uuid[], $8::uuid[],
                            $9::text[], $10::text[], $11::text[]) as x(t, e, d, r, v, m, j, a, pv, sm, ls)
                order by t, e, d, r, v
                on conflict (tenant_id, envelope_id, document_id, request_id, version, job_month) do update
                set attempts = i.attempts + 1, leased_by = excluded.leased_by, leased_until = excluded.leased_until
                returning tenant_id, envelope_id, document_id, request_id, version, artifact_id, outcome,
                          result_sha256, result_size, result_data_key_id, certificate_sha256, pades_level
                """,
                parameters(of: jobs) + [.text(owner), .timestamptz(now)]))
        var known: [SigningJob.Key: SigningOutcome] = [:]
        for row in result.rows {
            guard let outcome = try row.stringOrNil(6) else { continue }
            let key = SigningJob.Key(
                tenantID: TenantID(try row.uuid(0)), envelopeID: EnvelopeID(try row.uuid(1)),
                documentID: DocumentID(try row.uuid(2)), requestID: try row.uuid(3), version: try row.int(4))
            known[key] = try decoded(outcome, row: row, tenant: key.tenantID)
        }
        return known
    }

    /// The statement that stores outcomes, which ends what was kept for a repeat; one that stands is never replaced.
    static func finishing(_ results: [SigningResult], at now: Instant) -> PostgresStatement {
        var digests: [[UInt8]?] = []
        var sizes: [Int64] = []
        var keys: [UUID?] = []
        var certificates: [[UInt8]?] = []
        var outcomes: [String?] = []
        var levels: [String?] = []
        for result in results {
            switch result.outcome {
            case .stored(let revision, let certificate, let level):
                levels.append(level?.rawValue)
                outcomes.append("stored")
                digests.append(revision.sha256.bytes)
                sizes.append(Int64(revision.size))
                keys.append(revision.dataKeyID.uuid)
                certificates.append(certificate?.bytes)
            case .refused(let code), .deferred(let code):
                levels.append(nil)
                outcomes.append(code)
                digests.append(nil)
                sizes.append(0)
                keys.append(nil)
                certificates.append(nil)
            }
        }
        let jobs = results.map(\.job)
        return PostgresStatement(
            """
            update signing_intents i
            set outcome = x.outcome, result_sha256 = x.sha, result_size = x.size, result_data_key_id = x.data_key,
                certificate_sha256 = x.certificate, key_operations = i.key_operations + x.operations, finished_at = $13,
                pades_level = x.level, cms = null
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int4[], $6::date[], $7::text[], $8::bytea[],
                        $9::int8[], $10::uuid[], $11::bytea[], $12::int4[], $14::text[])
              as x(t, e, d, r, v, m, outcome, sha, size, data_key, certificate, operations, level)
            where i.tenant_id = x.t and i.envelope_id = x.e and i.document_id = x.d and i.request_id = x.r
              and i.version = x.v and i.job_month = date_trunc('month', x.m)::date and i.outcome is null
            """,
            Array(parameters(of: jobs).prefix(6)) + [
                .textArray(outcomes), .byteaArray(digests), .int8Array(sizes), .uuidArray(keys),
                .byteaArray(certificates), .int4Array(results.map { Int32($0.keyUse?.operations ?? 0) }),
                .timestamptz(now), .textArray(levels),
            ])
    }

    private static func parameters(of jobs: [SigningJob]) -> [PostgresValue] {
        let keys = jobs.map(\.key)
        return [
            .uuidArray(keys.map(\.tenantID.uuid)), .uuidArray(keys.map(\.envelopeID.uuid)),
            .uuidArray(keys.map(\.documentID.uuid)), .uuidArray(keys.map(\.requestID)),
            .int4Array(keys.map { Int32($0.version) }), .dateArray(jobs.map(\.fixedTime)),
            .uuidArray(jobs.map(\.jobID.uuid)), .uuidArray(jobs.map(\.artifactID.uuid)),
            .textArray(jobs.map(\.policy.policyVersion)), .textArray(jobs.map(\.policy.signingMethod.rawValue)),
            .textArray(jobs.map(\.policy.legalStandard.rawValue)),
        ]
    }

    private static func decoded(_ outcome: String, row: PostgresRow, tenant: TenantID) throws -> SigningOutcome {
        guard outcome == "stored", let sha256 = ContentDigest(bytes: try row.bytes(7)) else {
            return .refused(code: outcome)
        }
        let revision = ObjectReference(
            tenantID: tenant, artifactID: ArtifactID(try row.uuid(5)), sha256: sha256, size: try row.int(8),
            dataKeyID: DataKeyID(try row.uuid(9)))
        return .stored(
            revision: revision, certificateSHA256: try row.bytesOrNil(10).flatMap { ContentDigest(bytes: $0) },
            level: try row.stringOrNil(11).flatMap(PAdESLevel.init))
    }
}
