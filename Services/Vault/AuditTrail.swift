// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Envelopes
import Foundation
import Keys
import Postgres

/// The chain of one envelope, read for export, personal data opened where its key still exists.
struct AuditTrail: Sendable {
    let pool: PostgresPool
    let seal: PersonalDataSeal
    let files: BlockingPool

    private struct Row: Sendable {
        let number: Int64
        let event: JSONValue
        let eventID: UUID
        let previous: ContentDigest
        let hash: ContentDigest
        let personal: [UInt8]?
    }

    /// Nil for an envelope of another tenant, and for one that the log does not know yet.
    func export(_ envelope: EnvelopeID, tenant: TenantID) async throws -> AuditExport? {
        // One statement, so that head and events are of one moment.
        let result = try await pool.execute(
            PostgresStatement(
                """
                select h.started_at, h.policy_version, h.previous_head, h.n, h.hash,
                       e.n, e.event, e.event_id, e.prev_hash, e.hash, e.personal
                from chain_heads h join audit_events e on e.chain_started_at = h.started_at and e.chain_id = h.chain_id
                where h.chain_id = $1 and h.tenant_id = $2 and h.subject_kind = 'envelope' order by e.n
                """, [.uuid(envelope.uuid), .uuid(tenant.uuid)]))
        guard let head = result.rows.first, let digest = ContentDigest(bytes: try head.bytes(4)) else { return nil }
        let genesis = ChainGenesis(
            tenantID: tenant, chainID: envelope.uuid, subjectKind: .envelope, startedAt: try head.instant(0),
            policyVersion: try head.string(1),
            previousHead: try head.bytesOrNil(2).flatMap { ContentDigest(bytes: $0) })
        let rows = try result.rows.map(Self.row)
        let seal = seal
        let entries = try await files.run {
            try rows.map { row in
                AuditExportEntry(
                    number: row.number, event: row.event, previousHash: row.previous, hash: row.hash,
                    personalCiphertext: row.personal,
                    personal: try row.personal.flatMap { try seal.open($0, tenant: tenant, event: row.eventID) })
            }
        }
        return AuditExport(genesis: genesis, entries: entries, head: digest, count: try head.int64(3))
    }

    private static func row(_ row: PostgresRow) throws -> Row {
        guard let previous = ContentDigest(bytes: try row.bytes(8)), let hash = ContentDigest(bytes: try row.bytes(9))
        else { throw AuditLogConflict() }
        return Row(
            number: try row.int64(5), event: try JSONValue(parsing: Array(try row.string(6).utf8)),
            eventID: try row.uuid(7), previous: previous, hash: hash, personal: try row.bytesOrNil(10))
    }
}

/// How a trail is written: the checkable document, a line per event, or a table for people.
enum AuditTrailFormat: String {
    case json, jsonl, csv

    var contentType: String {
        switch self {
        case .json: "application/json"
        case .jsonl: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8"
        }
    }

    func bytes(of export: AuditExport) -> [UInt8] {
        switch self {
        case .json: export.json.canonicalBytes()
        case .jsonl: export.entries.flatMap { $0.json.canonicalBytes() + [10] }
        case .csv: Array(Self.table(of: export).utf8)
        }
    }

    private static let columns = [
        "occurred_at", "event_type", "outcome", "actor_kind", "actor_id", "name", "email", "ip_address", "document_id",
        "request_id", "correlation_id", "hash",
    ]

    private static func table(of export: AuditExport) -> String {
        let lines = export.entries.map { entry in
            let event = entry.event
            let personal = entry.personal
            let values: [String?] = [
                event["occurred_at"]?.stringValue, event["event_type"]?.stringValue, event["outcome"]?.stringValue,
                event["actor"]?["kind"]?.stringValue, event["actor"]?["id"]?.stringValue,
                personal?["name"]?.stringValue, personal?["email"]?.stringValue, personal?["ip_address"]?.stringValue,
                event["document_id"]?.stringValue, event["request_id"]?.stringValue,
                event["correlation_id"]?.stringValue, entry.hash.hex,
            ]
            return values.map { cell($0 ?? "") }.joined(separator: ",")
        }
        return ([columns.joined(separator: ",")] + lines).joined(separator: "\r\n") + "\r\n"
    }

    /// Quoted, and led by an apostrophe where a spreadsheet would take it for a formula.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        return "\"\(isFormula ? "'" : "")\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
    }
}
