// SPDX-License-Identifier: Apache-2.0
import Contracts
import Envelopes
import Foundation
import Postgres

extension IntakeStore {
    /// The state behind a token, also a superseded one (see `SigningLink.isCurrent`); nil for an invented one.
    ///
    /// One round trip. Of an envelope that this process remembers only the acts and the number of its snapshot are read,
    /// and the snapshot itself when it is another one.
    func signingState(token: UUID) async throws -> SigningState? {
        guard let (target, envelope) = recent.find(token) else { return try await readState(token) }
        let result = try await pool.execute(
            PostgresStatement(
                """
                select \(Self.acts(of: "$1", "$2", "$3", "$4")),
                    e.sequence, case when e.sequence <> $5 then e.snapshot end
                from envelopes e where e.tenant_id = $1 and e.envelope_id = $2
                """,
                [
                    .uuid(target.tenantID.uuid), .uuid(target.envelopeID.uuid), .uuid(target.requestID.uuid),
                    .int4(Int32(target.generation)), .int8(envelope.sequence),
                ]))
        guard let row = result.rows.first else { return nil }
        guard let snapshot = try row.bytesOrNil(2) else { return try Self.state(target, envelope, row) }
        var changed = envelope
        changed.sequence = try row.int64(1)
        changed.snapshot = try StoredJSON.value(snapshot)
        recent.keep(changed, links: [:])
        return try Self.state(target, changed, row)
    }

    private func readState(_ token: UUID) async throws -> SigningState? {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select \(Self.acts(of: "l.tenant_id", "l.envelope_id", "l.request_id", "l.generation")),
                    e.sequence, e.snapshot, d.command, d.pages, l.tenant_id, l.envelope_id, l.request_id, l.generation
                from signing_links l
                join envelopes e on e.tenant_id = l.tenant_id and e.envelope_id = l.envelope_id
                join envelope_drafts d on d.tenant_id = l.tenant_id and d.envelope_id = l.envelope_id
                where l.token_sha256 = $1
                """, [.bytea(LinkToken.digest(of: token))]))
        guard let row = result.rows.first else { return nil }
        let target = LinkTarget(
            tenantID: TenantID(try row.uuid(5)), envelopeID: EnvelopeID(try row.uuid(6)),
            requestID: RequestID(try row.uuid(7)), generation: try row.int(8))
        let command: CreateEnvelopeV1 = try StoredJSON.value(row.string(3))
        let envelope = DecodedEnvelope(
            draft: command.envelope, pages: try StoredJSON.value(row.string(4)),
            sequence: try row.int64(1), snapshot: try StoredJSON.value(row.bytes(2)))
        recent.keep(envelope, links: [token: target])
        return try Self.state(target, envelope, row)
    }

    /// What the recipient has done by the link.
    private static func acts(of tenant: String, _ envelope: String, _ request: String, _ generation: String) -> String {
        """
        array(select a.act from recipient_acts a where a.tenant_id = \(tenant) and a.envelope_id = \(envelope)
            and a.request_id = \(request) and a.generation = \(generation))
        """
    }

    private static func state(
        _ target: LinkTarget, _ envelope: DecodedEnvelope, _ row: PostgresRow
    ) throws -> SigningState {
        let link = SigningLink(
            tenantID: target.tenantID, envelopeID: target.envelopeID, requestID: target.requestID,
            generation: target.generation, draft: envelope.draft, snapshot: envelope.snapshot,
            sequence: envelope.sequence, pages: envelope.pages)
        return SigningState(
            link: link, acts: Set(try row.strings(0).compactMap { $0.flatMap(RecipientAct.init(rawValue:)) }))
    }
}
