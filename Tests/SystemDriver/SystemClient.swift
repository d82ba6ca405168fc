// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Foundation
package import HTTPClient

/// A response with its body read as JSON when asked.
package struct Answer: Sendable {
    package let response: HTTPClientResponse

    package var status: Int { response.status }
    package var body: [UInt8] { response.body }
    package var json: JSONValue { (try? JSONValue(parsing: response.body)) ?? .null }
    /// The problem's code, nil where the answer is no problem.
    package var code: String? { json["code"]?.stringValue }
    /// For messages of failed tests: status and problem, nothing of what was sent.
    package var summary: String { "\(status) \(code ?? "") \(json["detail"]?.stringValue ?? "")" }

    /// The first value of a header, whose name is given in lower case.
    package func header(_ name: String) -> String? { response.header(name) }

    package subscript(key: String) -> JSONValue? { json[key] }
}

/// A client of the public API and of the signing links, as an integrator would write one.
package struct SystemClient: Sendable {
    package let publicURL: String
    package var token: String
    /// How long a request is repeated while the system cannot be reached or answers that it cannot for now.
    package var patienceSeconds: Double = 0
    let session: HTTPSession

    /// - Throws: `HTTPClientError` when libcurl cannot start.
    package init(publicURL: String, token: String, connections: Int = 128) throws {
        var configuration = HTTPSessionConfiguration()
        configuration.maximumConnections = connections
        session = try HTTPSession(configuration)
        self.publicURL = publicURL
        self.token = token
    }

    /// One request to an address of the public listener; retried within `patienceSeconds` where repeating is safe.
    package func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        timeoutSeconds: Double = 60
    ) async throws -> Answer {
        let url = path.hasPrefix("http") ? path : publicURL + path
        let request = HTTPClientRequest(
            method: method, url: url, headers: headers, body: body, timeoutSeconds: timeoutSeconds,
            maximumResponseBytes: 256 << 20)
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while true {
            do {
                let answer = Answer(response: try await session.send(request))
                let isPassing = [429, 502, 503, 504].contains(answer.status) || answer.code == "idempotency_key_in_use"
                if !isPassing || ContinuousClock.now >= deadline { return answer }
            } catch {
                if ContinuousClock.now >= deadline || error == .cancelled { throw error }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// A request of the authenticated API.
    package func call(
        _ method: String, _ path: String, key: String? = nil, type: String = "application/json", body: [UInt8]? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var all = headers + [("Authorization", "Bearer \(token)"), ("Accept", "application/json")]
        if let key { all.append(("Idempotency-Key", key)) }
        if body != nil { all.append(("Content-Type", type)) }
        return try await send(method, path, headers: all, body: body)
    }

    /// `POST /v1/documents` as multipart, whatever comes of it.
    package func create(
        _ plan: EnvelopePlan, file: [UInt8], key: String = UUID().uuidString.lowercased()
    ) async throws -> Answer {
        try await create(description: plan.json.canonicalBytes(), file: file, key: key)
    }

    /// The same with any bytes as the JSON part.
    package func create(description: [UInt8], file: [UInt8], key: String?) async throws -> Answer {
        let boundary = "paraph-boundary-7c1f0e"
        var body: [UInt8] = []
        body.reserveCapacity(file.count + description.count + 512)
        body.append(contentsOf: "--\(boundary)\r\nContent-Disposition: form-data; name=\"document\"\r\n".utf8)
        body.append(contentsOf: "Content-Type: application/json\r\n\r\n".utf8)
        body.append(contentsOf: description)
        body.append(
            contentsOf: "\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"offer.pdf\"\r\n"
                .utf8)
        body.append(contentsOf: "Content-Type: application/pdf\r\n\r\n".utf8)
        body.append(contentsOf: file)
        body.append(contentsOf: "\r\n--\(boundary)--\r\n".utf8)
        return try await call(
            "POST", "/v1/documents", key: key, type: "multipart/form-data; boundary=\(boundary)", body: body)
    }

    /// `POST /v1/documents` with uploads named in the plan.
    package func createFromUpload(_ plan: EnvelopePlan, key: String = UUID().uuidString.lowercased()) async throws
        -> Answer
    {
        try await call("POST", "/v1/documents", key: key, body: plan.json.canonicalBytes())
    }

    package func upload(_ file: [UInt8], key: String = UUID().uuidString.lowercased()) async throws -> Answer {
        try await call("POST", "/v1/uploads", key: key, type: "application/pdf", body: file)
    }

    package func document(_ id: String) async throws -> Answer { try await call("GET", "/v1/documents/\(id)") }
    package func audit(_ id: String) async throws -> Answer { try await call("GET", "/v1/documents/\(id)/audit") }
    package func download(_ id: String) async throws -> Answer { try await call("GET", "/v1/documents/\(id)/download") }

    package func void(_ envelope: String, reason: String) async throws -> Answer {
        let body = JSONValue.object(["reason": .string(reason)]).canonicalBytes()
        return try await call("POST", "/v1/envelopes/\(envelope)/void", key: UUID().uuidString.lowercased(), body: body)
    }

    package func resend(_ envelope: String, request: String) async throws -> Answer {
        try await call(
            "POST", "/v1/envelopes/\(envelope)/recipients/\(request)/resend", key: UUID().uuidString.lowercased(),
            body: Array("{}".utf8))
    }

    /// The 201's ids.
    ///
    /// - Throws: `SystemError` with the problem when the envelope was not accepted.
    package func accepted(_ answer: Answer) throws -> CreatedEnvelope {
        guard answer.status == 201 else { throw SystemError("POST /v1/documents answered \(answer.summary)") }
        return try CreatedEnvelope(answer.json)
    }

    /// Asks for the document until it has this status; an answer without the word is not read further.
    ///
    /// - Throws: `SystemError` that names the status it still has.
    package func wait(
        for status: String, of document: String, seconds: Double = 30, everyMilliseconds: Int = 20
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        let word = Array("\"\(status)\"".utf8)
        while true {
            let answer = try await self.document(document)
            if answer.body.place(of: word) != nil, answer["status"]?.stringValue == status { return }
            guard ContinuousClock.now < deadline else {
                throw SystemError(
                    "after \(Int(seconds)) s the document \(document) is not \(status): \(answer.status) \(answer["status"]?.stringValue ?? answer.summary)"
                )
            }
            try await Task.sleep(for: .milliseconds(everyMilliseconds))
        }
    }
}
