// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import HTTPClient

/// A small client of the public API and of the signing page's JSON form.
struct DemoClient {
    struct Created {
        let documentID: String
        let envelopeID: String
    }

    let access: DevelopmentAccess
    private let session: HTTPSession

    init(access: DevelopmentAccess) throws {
        self.access = access
        session = try HTTPSession()
    }

    /// - Throws: `CommandFailure` with the problem's detail when the document is refused.
    func create(document: URL, people: [Person]) async throws -> Created {
        guard let file = FileManager.default.contents(atPath: document.path) else {
            throw CommandFailure("cannot read \(document.path)", exitCode: CommandFailure.unreadable)
        }
        let signers = people.enumerated().map { index, person in
            JSONValue.object([
                "key": .string(person.key), "order_index": .integer(Int64(index + 1)), "name": .string(person.name),
                "email": .string(person.email),
                "fields": .array([
                    .object([
                        "key": .string("signature-\(person.key)"), "document_index": .integer(0),
                        "page_number": .integer(1),
                        "x": .integer(Int64(24 + index * 190)), "y": .integer(24), "width": .integer(180),
                        "height": .integer(56), "field_type": .string("signature"), "required": .bool(true),
                    ])
                ]),
            ])
        }
        let description = JSONValue.object([
            "title": .string(document.deletingPathExtension().lastPathComponent), "send": .bool(true),
            "signers": .array(signers),
            "sender": .object([
                "name": .string("People team"), "email": .string("people@example.com"),
                "organisation": .string("Example Ltd"),
            ]),
        ])
        let boundary = "paraph-\(UUID().uuidString)"
        var body = Data()
        body.append(Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"document\"\r\n".utf8))
        body.append(Data("Content-Type: application/json\r\n\r\n".utf8))
        body.append(contentsOf: description.canonicalBytes())
        body.append(
            Data("\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file.pdf\"\r\n".utf8))
        body.append(Data("Content-Type: application/pdf\r\n\r\n".utf8))
        body.append(file)
        body.append(Data("\r\n--\(boundary)--\r\n".utf8))
        let answer = try await call(
            "POST", "\(access.publicURL)/v1/documents",
            headers: [
                ("Idempotency-Key", UUID().uuidString.lowercased()),
                ("Content-Type", "multipart/form-data; boundary=\(boundary)"),
            ], body: Array(body))
        return Created(documentID: try answer.text("document_id"), envelopeID: try answer.text("envelope_id"))
    }

    /// Opens the link as a person would, agrees to exactly what is shown, and waits for the signature.
    func sign(at link: String) async throws {
        let page = try await call("GET", link)
        _ = try await call("POST", "\(link)/view", body: Array("{}".utf8))
        var documents: [JSONValue] = []
        for document in page["documents"]?.arrayValue ?? [] {
            documents.append(
                .object([
                    "document_id": document["document_id"] ?? .null,
                    "prepared_sha256": document["prepared_sha256"] ?? .null,
                ]))
        }
        let consent = JSONValue.object([
            "agreed": .bool(true), "disclosure_sha256": page["disclosure"]?["sha256"] ?? .null,
            "documents": .array(documents),
        ])
        let submission = JSONValue.object(["consent": consent, "fields": .array([])])
        var status = try await call("POST", "\(link)/fields", body: submission.canonicalBytes())
        let deadline = ContinuousClock.now + .seconds(30)
        while status["status"]?.stringValue != "signed" {
            guard ContinuousClock.now < deadline else { throw CommandFailure("the signature was not made within 30 s") }
            try await Task.sleep(for: .milliseconds(50))
            status = try await call("GET", "\(link)/status")
        }
    }

    func untilCompleted(_ documentID: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let answer = try await call("GET", "\(access.publicURL)/v1/documents/\(documentID)")
            if answer["status"]?.stringValue == "completed" { return }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("the envelope is still '\(answer["status"]?.stringValue ?? "?")' after 30 s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The level of the newest version once it is the one asked for; the one it has when that takes too long.
    func untilRaised(_ documentID: String, to level: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let answer = try await call("GET", "\(access.publicURL)/v1/documents/\(documentID)")
            let newest = answer["artifacts"]?.arrayValue?.last?["pades_level"]?.stringValue ?? "B-B"
            if newest == level || ContinuousClock.now > deadline { return newest }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func download(_ documentID: String) async throws -> [UInt8] {
        try await fetch("\(access.publicURL)/v1/documents/\(documentID)/download")
    }

    /// The trail once the vault has it whole: it is written behind the signatures.
    func auditTrail(_ documentID: String) async throws -> [UInt8] {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let bytes = try await fetch("\(access.publicURL)/v1/documents/\(documentID)/audit")
            if String(decoding: bytes, as: UTF8.self).contains("envelope.completed") || ContinuousClock.now > deadline {
                return bytes
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func fetch(_ url: String) async throws -> [UInt8] {
        let answer = try await session.send(
            HTTPClientRequest(
                method: "GET", url: url, headers: [("Authorization", "Bearer \(access.token)")], timeoutSeconds: 60,
                maximumResponseBytes: 256 << 20))
        guard answer.status == 200 else { throw CommandFailure("GET \(url) answered \(answer.status)") }
        return answer.body
    }

    private func call(
        _ method: String, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> JSONValue {
        var all = headers + [("Accept", "application/json")]
        if url.contains("/v1/") { all.append(("Authorization", "Bearer \(access.token)")) }
        if body != nil, !headers.contains(where: { $0.0 == "Content-Type" }) {
            all.append(("Content-Type", "application/json"))
        }
        let answer = try await session.send(
            HTTPClientRequest(
                method: method, url: url, headers: all, body: body, timeoutSeconds: 60, maximumResponseBytes: 1 << 20))
        let value = try? JSONValue(parsing: answer.body)
        guard (200..<300).contains(answer.status), let value else {
            let detail = value?["detail"]?.stringValue ?? value?["title"]?.stringValue ?? ""
            throw CommandFailure("\(method) \(url) answered \(answer.status): \(detail)")
        }
        return value
    }
}

extension JSONValue {
    /// - Throws: `CommandFailure` when the answer lacks this property.
    fileprivate func text(_ key: String) throws -> String {
        guard let value = self[key]?.stringValue else { throw CommandFailure("the answer has no \(key)") }
        return value
    }
}
