// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Postgres

/// Names a document of a tenant.
struct DocumentKey: Hashable, Sendable {
    let tenantID: TenantID
    let documentID: DocumentID
}

/// The API's answer about a document, as it is stored.
struct DocumentView: Sendable {
    let owner: ServiceAccountID
    let body: [UInt8]

    /// One query for all keys.
    static func read(_ keys: [DocumentKey], in pool: PostgresPool) async throws -> [DocumentKey: DocumentView] {
        let result = try await pool.execute(
            PostgresStatement(
                // A look-up for each key, whatever the planner thinks of the table's size.
                """
                select d.tenant_id, d.document_id, d.owner_id, d.body
                from unnest($1::uuid[], $2::uuid[]) as k(tenant_id, document_id)
                cross join lateral (
                    select * from documents d
                    where d.tenant_id = k.tenant_id and d.document_id = k.document_id offset 0
                ) d
                """, [.uuidArray(keys.map(\.tenantID.uuid)), .uuidArray(keys.map(\.documentID.uuid))]))
        var views: [DocumentKey: DocumentView] = [:]
        views.reserveCapacity(result.rows.count)
        for row in result.rows {
            let key = DocumentKey(tenantID: TenantID(try row.uuid(0)), documentID: DocumentID(try row.uuid(1)))
            views[key] = DocumentView(owner: ServiceAccountID(try row.uuid(2)), body: try row.bytes(3))
        }
        return views
    }
}
