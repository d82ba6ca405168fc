// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPServer
import Messaging
import Postgres
import ServiceAPI

extension APIRoutes {
    private static let words: Set<String> = [
        "draft", "sent", "in_progress", "completed", "declined", "voided", "expired", "failed",
    ]
    private static let json = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]

    /// Answers `GET /v1/documents/{document_id}`.
    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: nil)
        let key = DocumentKey(tenantID: principal.tenantID, documentID: try Self.id("document_id", request))
        guard let view = try await views.value(for: key), principal.sees(view.owner) else { throw Self.notFound }
        return HTTPResponse(status: 200, headers: Self.json, body: .bytes(view.body))
    }

    /// `GET /v1/documents`: newest first.
    func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: nil)
        try Self.checkQuery(
            request,
            allowed: ["limit", "cursor", "status", "external_id", "batch_id", "created_after", "updated_after"])
        let page = try PageRequest(request)
        let status = request.queryValue("status")
        if let status, !Self.words.contains(status) {
            throw ProblemDetails(
                .invalidParameter, "status is one of \(Self.words.sorted().joined(separator: ", ")).")
        }
        let isEverything = principal.scopes.contains(.readEnvelopes)
        let result = try await context.pool.execute(
            PostgresStatement(
                """
                select e.envelope_id, e.created_at, d.body
                from envelopes e join documents d on d.tenant_id = e.tenant_id and d.document_id = e.document_id
                where e.tenant_id = $1 and ($2::uuid is null or e.envelope_id < $2)
                    and ($3::uuid is null or e.account_id = $3) and ($4::text is null or e.status = $4)
                    and ($5::text is null or e.external_id = $5) and ($6::text is null or e.batch_id = $6)
                    and ($7::timestamptz is null or e.created_at > $7)
                    and ($8::timestamptz is null or e.updated_at > $8)
                order by e.envelope_id desc limit $9
                """,
                [
                    .uuid(principal.tenantID.uuid), (page.after?.id).map { .uuid($0) } ?? .null,
                    isEverything ? .null : .uuid(principal.accountID.uuid), Self.text(status),
                    Self.text(request.queryValue("external_id")), Self.text(request.queryValue("batch_id")),
                    try Self.time(request, "created_after"), try Self.time(request, "updated_after"),
                    .int8(Int64(page.limit + 1)),
                ]))
        return try Self.listing(result.rows, limit: page.limit)
    }

    /// Answers `GET /v1/documents/{document_id}/audit`.
    func auditTrail(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: .readAudit)
        try Self.checkQuery(request, allowed: ["format"])
        let format = request.queryValue("format") ?? "json"
        guard ["json", "jsonl", "csv"].contains(format) else {
            throw ProblemDetails(.invalidParameter, "format is json, jsonl or csv.")
        }
        let known = try await visible(request, to: principal)
        // The vault hears of a new envelope a moment after the sender.
        let trail = try await context.waiters.wait(for: known.envelopeID, seconds: 2) {
            try await context.vault.auditTrail(of: known.envelopeID, tenant: known.tenantID, format: format)
        }
        guard let trail else {
            throw ProblemDetails(
                .unavailable, "The audit trail is being written; send the request again.", retryAfterSeconds: 2)
        }
        try await note("audit.exported", known, request, principal, metadata: ["format": .string(format)])
        return HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", trail.contentType), ("Cache-Control", "no-store"),
                ("Content-Disposition", "attachment; filename=\"audit-\(known.documentID).\(format)\""),
            ], body: .bytes(trail.bytes))
    }

    /// Answers `GET /v1/documents/{document_id}/download`.
    func download(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: .downloadDocuments)
        try Self.checkQuery(request, allowed: ["version"])
        let known = try await visible(request, to: principal)
        guard known.snapshot.status == .completed else {
            throw ProblemDetails(.notCompleted, "The signed document exists once the status is completed.")
        }
        let versions = known.snapshot.artifacts.filter {
            $0.kind == .signedDocument && $0.documentID == known.documentID
        }
        guard let artifact = try Self.chosen(request, among: versions) else { throw Self.notFound }
        let tag = "\"\(artifact.object.sha256.hex)\""
        let digest = Data(artifact.object.sha256.bytes).base64EncodedString()
        let headers = [
            ("Content-Type", "application/pdf"), ("ETag", tag), ("Repr-Digest", "sha-256=:\(digest):"),
            ("Accept-Ranges", "bytes"), ("Cache-Control", "private, no-cache"),
            ("Content-Disposition", ContentDisposition.attachment(title: try await title(of: known))),
        ]
        if let known = request.header("if-none-match"), known == "*" || known.contains(tag) {
            return HTTPResponse(status: 304, headers: headers.filter { $0.0 != "Content-Type" })
        }
        if request.method == .head {
            return HTTPResponse(
                status: 200, headers: headers, body: .stream(length: artifact.object.size) { _ in [] })
        }
        let range = request.header("if-range").map { $0 == tag } ?? true ? request.header("range") : nil
        let response = try await context.vault.file(artifact.object, range: range, headers: headers)
        // A client that fetches in ranges has to say where it begins: that request stands for the download.
        if range == nil || range?.hasPrefix("bytes=0-") == true {
            try await note(
                "document.downloaded", known, request, principal, artifactID: artifact.artifactID,
                hashes: ["signed_sha256": artifact.object.sha256])
        }
        return response
    }

    // MARK: Parts

    private func visible(_ request: HTTPRequest, to principal: Principal) async throws -> KnownEnvelope {
        let id: DocumentID = try Self.id("document_id", request)
        guard let known = try await context.store.find(id, tenant: principal.tenantID), principal.sees(known.accountID)
        else { throw Self.notFound }
        return known
    }

    private func note(
        _ type: AuditEventType, _ known: KnownEnvelope, _ request: HTTPRequest, _ principal: Principal,
        artifactID: ArtifactID? = nil, hashes: [String: ContentDigest] = [:], metadata: [String: JSONValue] = [:]
    ) async throws {
        let event = try audit(
            fact(
                type, by: principal, subject: .envelope(known.envelopeID), documentID: known.documentID,
                artifactID: artifactID, hashes: hashes, metadata: metadata, at: context.clock.now()), request)
        try await context.pool.withTransaction { transaction in
            _ = try await context.outbox.write([Act(audit: [event])], in: transaction)
        }
    }

    private func title(of known: KnownEnvelope) async throws -> String {
        let json = try JSONValue(parsing: known.body)
        return json["title"]?.stringValue ?? "document"
    }

    private static func chosen(_ request: HTTPRequest, among versions: [Artifact]) throws(ProblemDetails) -> Artifact? {
        guard let text = request.queryValue("version") else { return versions.max { $0.version < $1.version } }
        guard let version = Int(text), version >= 1 else {
            throw ProblemDetails(.invalidParameter, "version is a number from 1.")
        }
        return versions.first { $0.version == version }
    }

    private static func listing(_ rows: [PostgresRow], limit: Int) throws -> HTTPResponse {
        var out = Array("{\"data\":[".utf8)
        for (index, row) in rows.prefix(limit).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out += try row.bytes(2)
        }
        var next = JSONValue.null
        if rows.count > limit, let last = rows.prefix(limit).last {
            next = .string(PageCursor(instant: try last.instant(1), id: try last.uuid(0)).text)
        }
        out += Array("],\"next_cursor\":".utf8) + next.canonicalBytes() + Array("}".utf8)
        return HTTPResponse(status: 200, headers: json, body: .bytes(out))
    }

    private static func text(_ value: String?) -> PostgresValue { value.map { .text($0) } ?? .null }

    private static func time(_ request: HTTPRequest, _ name: String) throws(ProblemDetails) -> PostgresValue {
        guard let text = request.queryValue(name) else { return .null }
        guard let instant = Instant(rfc3339: text) else {
            throw ProblemDetails(.invalidParameter, "\(name) is an RFC 3339 date-time, as in 2026-11-20T12:00:00Z.")
        }
        return .timestamptz(instant)
    }
}

/// RFC 6266 with the extended form of RFC 8187 for names beyond ASCII.
enum ContentDisposition {
    static func attachment(title: String) -> String {
        let name = title.split(whereSeparator: { "/\\\"".contains($0) || $0.isNewline }).joined(separator: " ")
        let plain = String(name.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? Character($0) : "_" })
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let extended = name.utf8.map { byte in
            unreserved.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte]).uppercased()
        }.joined()
        return "attachment; filename=\"\(plain).pdf\"; filename*=UTF-8''\(extended).pdf"
    }
}
