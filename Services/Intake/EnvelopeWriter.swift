// SPDX-License-Identifier: Apache-2.0
import Contracts
import Envelopes
import Keys
import Postgres

/// A new envelope with all that its rows are made of.
struct NewEnvelope: Sendable {
    let draft: EnvelopeDraft
    let accountID: ServiceAccountID
    let snapshot: EnvelopeSnapshot
    /// By document index.
    let pages: [[PageSize]]
    let parts: [[UInt8]]
    /// The API's first answer.
    let body: [UInt8]

    init(draft: EnvelopeDraft, accountID: ServiceAccountID, snapshot: EnvelopeSnapshot, pages: [[PageSize]]) {
        self.draft = draft
        self.accountID = accountID
        self.snapshot = snapshot
        self.pages = pages
        parts = EnvelopeText.parts(of: draft, pages: pages)
        body = EnvelopeText.body(parts: parts, snapshot: snapshot, isReleased: draft.send)
    }
}

extension IntakeStore {
    /// The rows of a new envelope, for the caller's last pipeline.
    func insertions(of new: NewEnvelope) throws -> [PostgresStatement] {
        let draft = new.draft
        let status = EnvelopeText.status(of: new.snapshot, isReleased: draft.send)
        let key: [PostgresValue] = [.uuid(draft.tenantID.uuid), .uuid(draft.envelopeID.uuid)]
        guard let document = draft.documents.first else { return [] }
        return [
            PostgresStatement(
                """
                insert into envelope_drafts (tenant_id, envelope_id, draft, pages, parts)
                values ($1, $2, $3::json, $4::json, $5)
                """,
                key + [
                    .text(try StoredJSON.text(draft)), .text(try StoredJSON.text(new.pages)), .byteaArray(new.parts),
                ]),
            PostgresStatement(
                """
                insert into envelopes (tenant_id, envelope_id, document_id, account_id, external_id, status, is_released,
                    sequence, created_at, updated_at, snapshot)
                values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $9::json)
                """,
                key + [
                    .uuid(document.documentID.uuid), .uuid(new.accountID.uuid),
                    draft.externalID.map { .text($0) } ?? .null, .text(status), .bool(draft.send),
                    .timestamptz(draft.createdAt), .text(try StoredJSON.text(new.snapshot)),
                ]),
            documents(of: new, status: status), requests(of: draft, document: document), links(of: draft),
            fields(of: draft),
        ]
    }

    /// The link of a generation, so that it is known before its mail is sent.
    func insertLink(
        request: RequestID, generation: Int, envelope: EnvelopeID, tenant: TenantID
    ) -> PostgresStatement {
        PostgresStatement(
            """
            insert into signing_links (tenant_id, token_sha256, envelope_id, request_id, generation)
            values ($1, $2, $3, $4, $5) on conflict do nothing
            """,
            [
                .uuid(tenant.uuid), .bytea(linkKey.digest(request: request, generation: generation)),
                .uuid(envelope.uuid), .uuid(request.uuid), .int4(Int32(generation)),
            ])
    }

    private func documents(of new: NewEnvelope, status: String) -> PostgresStatement {
        let draft = new.draft
        return PostgresStatement(
            """
            insert into documents (tenant_id, document_id, envelope_id, document_index, owner_id, title, original_s3_key,
                status, created_at, body)
            select $1, k.document_id, $2, k.document_index, $3, $4, k.original, $5, $6, $7
            from unnest($8::uuid[], $9::int4[], $10::uuid[]) as k(document_id, document_index, original)
            """,
            [
                .uuid(draft.tenantID.uuid), .uuid(draft.envelopeID.uuid), .uuid(new.accountID.uuid),
                .text(draft.title), .text(status), .timestamptz(draft.createdAt), .bytea(new.body),
                .uuidArray(draft.documents.map(\.documentID.uuid)),
                .int4Array(draft.documents.map { Int32($0.documentIndex) }),
                .uuidArray(draft.documents.map(\.original.artifactID.uuid)),
            ])
    }

    private func requests(of draft: EnvelopeDraft, document: SourceDocument) -> PostgresStatement {
        let recipients = draft.recipients
        return PostgresStatement(
            """
            insert into signing_requests (tenant_id, envelope_id, request_id, document_id, signer_key, signer_name,
                signer_email, order_index, status, generation, signing_token_sha256)
            select $1, $2, k.request_id, $3, k.signer_key, k.name, k.email, k.order_index, 'pending', 1, k.digest
            from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::int4[], $9::bytea[])
                as k(request_id, signer_key, name, email, order_index, digest)
            """,
            [
                .uuid(draft.tenantID.uuid), .uuid(draft.envelopeID.uuid), .uuid(document.documentID.uuid),
                .uuidArray(recipients.map(\.requestID.uuid)), .textArray(recipients.map(\.key)),
                .textArray(recipients.map(\.name)), .textArray(recipients.map(\.email)),
                .int4Array(recipients.map { Int32($0.orderIndex) }),
                .byteaArray(recipients.map { linkKey.digest(request: $0.requestID, generation: 1) }),
            ])
    }

    private func links(of draft: EnvelopeDraft) -> PostgresStatement {
        PostgresStatement(
            """
            insert into signing_links (tenant_id, token_sha256, envelope_id, request_id, generation)
            select $1, k.digest, $2, k.request_id, 1 from unnest($3::bytea[], $4::uuid[]) as k(digest, request_id)
            """,
            [
                .uuid(draft.tenantID.uuid), .uuid(draft.envelopeID.uuid),
                .byteaArray(draft.recipients.map { linkKey.digest(request: $0.requestID, generation: 1) }),
                .uuidArray(draft.recipients.map(\.requestID.uuid)),
            ])
    }

    private func fields(of draft: EnvelopeDraft) -> PostgresStatement {
        let documents = Dictionary(
            draft.documents.map { ($0.documentIndex, $0.documentID) }, uniquingKeysWith: { first, _ in first })
        let rows = draft.recipients.flatMap { recipient in
            recipient.fields.compactMap { field in
                documents[field.documentIndex].map { (recipient.requestID, $0, field) }
            }
        }
        return PostgresStatement(
            """
            insert into signature_fields (tenant_id, envelope_id, field_id, document_id, request_id, field_key,
                page_number, x, y, width, height, field_type, is_required)
            select $1, $2, k.* from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::int4[], $8::float8[],
                $9::float8[], $10::float8[], $11::float8[], $12::text[], $13::bool[]) as k
            """,
            [
                .uuid(draft.tenantID.uuid), .uuid(draft.envelopeID.uuid), .uuidArray(rows.map(\.2.fieldID.uuid)),
                .uuidArray(rows.map(\.1.uuid)), .uuidArray(rows.map(\.0.uuid)), .textArray(rows.map(\.2.key)),
                .int4Array(rows.map { Int32($0.2.pageNumber) }), .float8Array(rows.map(\.2.x)),
                .float8Array(rows.map(\.2.y)), .float8Array(rows.map(\.2.width)), .float8Array(rows.map(\.2.height)),
                .textArray(rows.map(\.2.fieldType.rawValue)), .boolArray(rows.map(\.2.isRequired)),
            ])
    }
}
