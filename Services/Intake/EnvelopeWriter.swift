// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Envelopes
import Foundation
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

/// The coded columns of a new envelope's rows.
struct EnvelopeRows: Sendable {
    let new: NewEnvelope
    let command: String
    let pages: String
    let snapshot: [UInt8]
    /// The tokens of the first links, by recipient.
    let tokens: [UUID]
    let digests: [[UInt8]]

    /// - Parameters:
    ///   - command: The coded `CreateEnvelopeV1`; it is kept because it holds the draft.
    init(_ new: NewEnvelope, command: [UInt8], linkKey: LinkKey) throws {
        self.new = new
        self.command = String(decoding: command, as: UTF8.self)
        pages = try StoredJSON.text(new.pages)
        snapshot = try JSONTextEncoder.encode(new.snapshot)
        tokens = new.draft.recipients.map { linkKey.token(request: $0.requestID.uuid, generation: 1) }
        digests = tokens.map { LinkToken.digest(of: $0) }
    }

    /// What this process remembers of it once it is committed.
    var decoded: DecodedEnvelope {
        DecodedEnvelope(draft: new.draft, pages: new.pages, sequence: 0, snapshot: new.snapshot)
    }

    var links: [UUID: LinkTarget] {
        let targets = new.draft.recipients.map {
            LinkTarget(
                tenantID: new.draft.tenantID, envelopeID: new.draft.envelopeID, requestID: $0.requestID, generation: 1)
        }
        return Dictionary(zip(tokens, targets), uniquingKeysWith: { first, _ in first })
    }

    fileprivate var tenant: UUID { new.draft.tenantID.uuid }
    fileprivate var envelope: UUID { new.draft.envelopeID.uuid }
    fileprivate var status: String { EnvelopeText.status(of: new.snapshot, isReleased: new.draft.send) }
}

extension IntakeStore {
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

    /// The rows of new envelopes, for the last pipeline of their transaction.
    static func insertions(of all: [EnvelopeRows]) -> [PostgresStatement] {
        all.map(draft) + [envelopes(all), documents(all), requests(all), links(all), fields(all)]
    }

    /// One by one, because PostgreSQL has no lists of lists of different lengths.
    private static func draft(_ rows: EnvelopeRows) -> PostgresStatement {
        PostgresStatement(
            "insert into envelope_drafts (tenant_id, envelope_id, command, pages, parts) values ($1, $2, $3, $4, $5)",
            [
                .uuid(rows.tenant), .uuid(rows.envelope), .text(rows.command), .text(rows.pages),
                .byteaArray(rows.new.parts),
            ])
    }

    private static func envelopes(_ all: [EnvelopeRows]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into envelopes (tenant_id, envelope_id, document_id, account_id, external_id, status, is_released,
                created_at, updated_at, snapshot, sequence)
            select k.tenant_id, k.envelope_id, k.document_id, k.account_id, k.external_id, k.status, k.is_released,
                k.created_at, k.created_at, k.snapshot, 0
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bool[],
                $8::timestamptz[], $9::bytea[])
                as k(tenant_id, envelope_id, document_id, account_id, external_id, status, is_released, created_at,
                    snapshot)
            """,
            [
                .uuidArray(all.map(\.tenant)), .uuidArray(all.map(\.envelope)),
                .uuidArray(all.map { $0.new.draft.documents.first?.documentID.uuid }),
                .uuidArray(all.map(\.new.accountID.uuid)), .textArray(all.map(\.new.draft.externalID)),
                .textArray(all.map(\.status)), .boolArray(all.map(\.new.draft.send)),
                .timestamptzArray(all.map(\.new.draft.createdAt)), .byteaArray(all.map(\.snapshot)),
            ])
    }

    private static func documents(_ all: [EnvelopeRows]) -> PostgresStatement {
        let rows = all.flatMap { rows in rows.new.draft.documents.map { (rows, $0) } }
        return PostgresStatement(
            """
            insert into documents (tenant_id, document_id, envelope_id, document_index, owner_id, title, original_s3_key,
                status, created_at, body)
            select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int4[], $5::uuid[], $6::text[], $7::uuid[],
                $8::text[], $9::timestamptz[], $10::bytea[])
            """,
            [
                .uuidArray(rows.map(\.0.tenant)), .uuidArray(rows.map(\.1.documentID.uuid)),
                .uuidArray(rows.map(\.0.envelope)), .int4Array(rows.map { Int32($0.1.documentIndex) }),
                .uuidArray(rows.map(\.0.new.accountID.uuid)), .textArray(rows.map(\.0.new.draft.title)),
                .uuidArray(rows.map(\.1.original.artifactID.uuid)), .textArray(rows.map(\.0.status)),
                .timestamptzArray(rows.map(\.0.new.draft.createdAt)), .byteaArray(rows.map(\.0.new.body)),
            ])
    }

    private static func requests(_ all: [EnvelopeRows]) -> PostgresStatement {
        let rows = all.flatMap { rows in zip(rows.new.draft.recipients, rows.digests).map { (rows, $0, $1) } }
        return PostgresStatement(
            """
            insert into signing_requests (tenant_id, envelope_id, request_id, document_id, signer_key, signer_name,
                signer_email, order_index, signing_token_sha256, status, generation)
            select k.*, 'pending', 1 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
                $7::text[], $8::int4[], $9::bytea[]) as k
            """,
            [
                .uuidArray(rows.map(\.0.tenant)), .uuidArray(rows.map(\.0.envelope)),
                .uuidArray(rows.map(\.1.requestID.uuid)),
                .uuidArray(rows.map { $0.0.new.draft.documents.first?.documentID.uuid }),
                .textArray(rows.map(\.1.key)), .textArray(rows.map(\.1.name)), .textArray(rows.map(\.1.email)),
                .int4Array(rows.map { Int32($0.1.orderIndex) }), .byteaArray(rows.map(\.2)),
            ])
    }

    private static func links(_ all: [EnvelopeRows]) -> PostgresStatement {
        let rows = all.flatMap { rows in zip(rows.new.draft.recipients, rows.digests).map { (rows, $0, $1) } }
        return PostgresStatement(
            """
            insert into signing_links (tenant_id, token_sha256, envelope_id, request_id, generation)
            select k.*, 1 from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::uuid[]) as k
            """,
            [
                .uuidArray(rows.map(\.0.tenant)), .byteaArray(rows.map(\.2)), .uuidArray(rows.map(\.0.envelope)),
                .uuidArray(rows.map(\.1.requestID.uuid)),
            ])
    }

    private static func fields(_ all: [EnvelopeRows]) -> PostgresStatement {
        let rows = all.flatMap { rows in
            rows.new.draft.recipients.flatMap { recipient in
                recipient.fields.compactMap { field in
                    rows.new.draft.documents.first { $0.documentIndex == field.documentIndex }.map {
                        (rows, recipient.requestID, $0.documentID, field)
                    }
                }
            }
        }
        return PostgresStatement(
            """
            insert into signature_fields (tenant_id, envelope_id, field_id, document_id, request_id, field_key,
                page_number, x, y, width, height, field_type, is_required)
            select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::int4[],
                $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[], $13::bool[])
            """,
            [
                .uuidArray(rows.map(\.0.tenant)), .uuidArray(rows.map(\.0.envelope)),
                .uuidArray(rows.map(\.3.fieldID.uuid)), .uuidArray(rows.map(\.2.uuid)), .uuidArray(rows.map(\.1.uuid)),
                .textArray(rows.map(\.3.key)), .int4Array(rows.map { Int32($0.3.pageNumber) }),
                .float8Array(rows.map(\.3.x)), .float8Array(rows.map(\.3.y)), .float8Array(rows.map(\.3.width)),
                .float8Array(rows.map(\.3.height)), .textArray(rows.map(\.3.fieldType.rawValue)),
                .boolArray(rows.map(\.3.isRequired)),
            ])
    }
}
