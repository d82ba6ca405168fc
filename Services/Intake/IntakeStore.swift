// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Postgres

/// An envelope as the read model knows it, for acts upon it.
struct KnownEnvelope: Sendable {
    let tenantID: TenantID
    let envelopeID: EnvelopeID
    let documentID: DocumentID
    let accountID: ServiceAccountID
    let isReleased: Bool
    let sequence: Int64
    let snapshot: EnvelopeSnapshot
    /// The API's answer as it stands.
    let body: [UInt8]
    let parts: [[UInt8]]
}

/// Intake's own tables: what was asked for, and the newest known state of it.
struct IntakeStore: Sendable {
    let pool: PostgresPool
    let linkKey: LinkKey
    let recent = RecentEnvelopes()

    /// An envelope of the tenant, locked until the transaction ends.
    func lock(
        _ envelope: EnvelopeID, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> KnownEnvelope? {
        let result = try await transaction.execute(Self.known(envelope, tenant, suffix: "for update of e"))
        return try result.rows.first.map { try Self.known($0, tenant) }
    }

    /// An envelope of the tenant.
    func find(_ envelope: EnvelopeID, tenant: TenantID) async throws -> KnownEnvelope? {
        let result = try await pool.execute(Self.known(envelope, tenant, suffix: ""))
        return try result.rows.first.map { try Self.known($0, tenant) }
    }

    /// The envelope that a document of the tenant belongs to.
    func find(_ document: DocumentID, tenant: TenantID) async throws -> KnownEnvelope? {
        let result = try await pool.execute(
            PostgresStatement(
                "select envelope_id from documents where tenant_id = $1 and document_id = $2",
                [.uuid(tenant.uuid), .uuid(document.uuid)]))
        guard let row = result.rows.first else { return nil }
        return try await find(EnvelopeID(row.uuid(0)), tenant: tenant)
    }

    private static func known(_ envelope: EnvelopeID, _ tenant: TenantID, suffix: String) -> PostgresStatement {
        PostgresStatement(
            """
            select e.envelope_id, e.document_id, e.account_id, e.is_released, e.sequence, e.snapshot, d.body, f.parts
            from envelopes e
            join documents d on d.tenant_id = e.tenant_id and d.document_id = e.document_id
            join envelope_drafts f on f.tenant_id = e.tenant_id and f.envelope_id = e.envelope_id
            where e.tenant_id = $1 and e.envelope_id = $2 \(suffix)
            """, [.uuid(tenant.uuid), .uuid(envelope.uuid)])
    }

    private static func known(_ row: PostgresRow, _ tenant: TenantID) throws -> KnownEnvelope {
        KnownEnvelope(
            tenantID: tenant, envelopeID: EnvelopeID(try row.uuid(0)), documentID: DocumentID(try row.uuid(1)),
            accountID: ServiceAccountID(try row.uuid(2)), isReleased: try row.bool(3), sequence: try row.int64(4),
            snapshot: try StoredJSON.value(row.bytes(5)), body: try row.bytes(6),
            parts: try row.bytesArray(7).compactMap { $0 })
    }
}

/// JSON columns that hold our own values.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONTextEncoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String) throws -> Value { try value(Array(text.utf8)) }

    static func value<Value: Decodable>(_ text: [UInt8]) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text))
    }
}
