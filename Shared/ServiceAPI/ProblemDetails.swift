// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import HTTPServer
import Tracing

/// An answer that says what went wrong (RFC 9457); handlers throw it.
package struct ProblemDetails: Error, Sendable {
    /// One fault of a request that has several.
    package struct Item: Sendable, Equatable {
        /// An RFC 6901 pointer into the JSON, empty for the whole.
        package let pointer: String
        package let code: String
        package let detail: String

        /// Points at one fault; the detail says what would be right.
        package init(pointer: String, code: String, detail: String) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    package let code: ProblemCode
    /// What to do next, for the developer who reads it; never data of the request.
    package let detail: String
    package let errors: [Item]
    package let retryAfterSeconds: Int?
    /// Further header fields, such as `WWW-Authenticate`.
    package let headers: [(String, String)]

    /// States a problem; 429 and 503 tell when to come back.
    package init(
        _ code: ProblemCode, _ detail: String, errors: [Item] = [], retryAfterSeconds: Int? = nil,
        headers: [(String, String)] = []
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retryAfterSeconds = retryAfterSeconds
        self.headers = headers
    }

    /// The answer as `application/problem+json`; `trace_id` is that of the current request.
    package var response: HTTPResponse {
        var members: [String: JSONValue] = [
            "type": .string("urn:paraph:problem:\(code.code)"), "title": .string(code.title),
            "status": .integer(Int64(code.status)), "detail": .string(detail), "code": .string(code.code),
            "trace_id": Trace.current.map { .string($0.traceContext.traceID) } ?? .null,
        ]
        if !errors.isEmpty {
            members["errors"] = .array(
                errors.map {
                    ["pointer": .string($0.pointer), "code": .string($0.code), "detail": .string($0.detail)]
                })
        }
        var fields = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")] + headers
        if let retryAfterSeconds { fields.append(("Retry-After", String(retryAfterSeconds))) }
        return HTTPResponse(
            status: code.status, headers: fields, body: .bytes(JSONValue.object(members).canonicalBytes()))
    }
}
