// SPDX-License-Identifier: Apache-2.0
package import ByteCoding

/// One recipient at their link, by the signing page's JSON form.
package struct SigningVisit: Sendable {
    package let client: SystemClient
    /// The whole address as it stood in the mail.
    package let link: String

    package init(client: SystemClient, link: String) {
        self.client = client
        self.link = link
    }

    package func page() async throws -> Answer { try await call("GET", "") }
    package func view() async throws -> Answer { try await call("POST", "/view", .object([:])) }
    package func status() async throws -> Answer { try await call("GET", "/status") }

    package func decline(reason: String) async throws -> Answer {
        try await call("POST", "/decline", .object(["reason": .string(reason)]))
    }

    package func submit(_ submission: JSONValue) async throws -> Answer {
        try await call("POST", "/fields", submission)
    }

    /// The agreement to exactly what the page shows, with values for form fields.
    package static func agreement(to page: JSONValue, values: [JSONValue] = []) -> JSONValue {
        let documents = (page["documents"]?.arrayValue ?? []).map { document in
            JSONValue.object([
                "document_id": document["document_id"] ?? .null,
                "prepared_sha256": document["prepared_sha256"] ?? .null,
            ])
        }
        let consent = JSONValue.object([
            "agreed": .bool(true), "disclosure_sha256": page["disclosure"]?["sha256"] ?? .null,
            "documents": .array(documents),
        ])
        return .object(["consent": consent, "fields": .array(values)])
    }

    /// Opens, reads, agrees, and waits for the signature, as a person would.
    ///
    /// - Throws: `SystemError` with the first answer that is not as it should be.
    package func sign(values: [JSONValue] = [], seconds: Double = 30) async throws {
        let page = try await good(self.page(), "GET page")
        _ = try await good(view(), "POST view")
        let answer = try await good(submit(Self.agreement(to: page.json, values: values)), "POST fields")
        if answer["status"]?.stringValue != "signed" { try await wait(for: "signed", seconds: seconds) }
    }

    /// Looks at the status address, which leaves no trace, until it says so.
    ///
    /// - Throws: `SystemError` when it does not within the time.
    package func wait(for status: String, seconds: Double = 30) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            try await Task.sleep(for: .milliseconds(50))
            let answer = try await good(self.status(), "GET status")
            if answer["status"]?.stringValue == status { return }
            guard ContinuousClock.now < deadline else {
                throw SystemError("after \(Int(seconds)) s the request is not \(status): \(answer.summary)")
            }
        }
    }

    private func good(_ answer: Answer, _ what: String) throws -> Answer {
        guard (200..<300).contains(answer.status) else { throw SystemError("\(what) answered \(answer.summary)") }
        return answer
    }

    private func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        var headers = [("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        return try await client.send(method, link + path, headers: headers, body: body?.canonicalBytes())
    }
}
