// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Postgres

extension IntakeStore {
    /// Whether there is anything new to tell the person behind a link: the signature, or the envelope's end.
    ///
    /// Two columns of two rows, because a waiting request asks after every change of the envelope.
    func isSettled(_ link: SigningLink) async throws -> Bool {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select r.status, e.status from signing_requests r
                cross join lateral (
                    select status from envelopes e where e.tenant_id = r.tenant_id and e.envelope_id = r.envelope_id offset 0
                ) as e
                where r.tenant_id = $1 and r.envelope_id = $2 and r.request_id = $3
                """, [.uuid(link.tenantID.uuid), .uuid(link.envelopeID.uuid), .uuid(link.requestID.uuid)]))
        guard let row = result.rows.first else { return false }
        return try row.string(0) == RequestStatus.signed.rawValue
            || EnvelopeStatus(rawValue: try row.string(1))?.isTerminal == true
    }
}
