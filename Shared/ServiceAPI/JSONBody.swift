// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import FoundationEssentials
package import HTTPServer

/// JSON in requests.
package enum JSONBody {
    /// The body as strict JSON.
    /// - Throws: `ProblemDetails` for another content type (415) or a fault in the text (400), `HTTPServerError`.
    package static func read(_ request: HTTPRequest, maximumBytes: Int) async throws -> JSONValue {
        try checkContentType(request.header("content-type"))
        return try parse(try await request.body.collect(maximumBytes: maximumBytes))
    }

    /// - Throws: `ProblemDetails` with the offset of the fault.
    package static func parse(_ bytes: [UInt8]) throws(ProblemDetails) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw ProblemDetails(.malformedJSON, "At byte \(error.offset): \(error.reason.rawValue).")
        }
    }

    /// `application/json`, with parameters or without; text without a type is taken for JSON.
    private static func checkContentType(_ value: String?) throws(ProblemDetails) {
        guard let value else { return }
        let type = value.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard type == "application/json" else {
            throw ProblemDetails(.unsupportedMediaType, "Send Content-Type: application/json.")
        }
    }
}

extension HTTPResponse {
    /// An answer of canonical JSON, so that the same value always has the same bytes.
    package static func json(
        _ value: JSONValue, status: Int = 200, headers: [(String, String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")] + headers,
            body: .bytes(value.canonicalBytes()))
    }

    /// As `json`, of any encodable value.
    package static func json(
        encoding value: some Encodable, status: Int = 200, headers: [(String, String)] = []
    ) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")] + headers,
            body: .bytes(Array(try encoder.encode(value))))
    }
}
