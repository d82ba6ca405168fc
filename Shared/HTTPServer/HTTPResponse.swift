// SPDX-License-Identifier: Apache-2.0

/// One answer; length, date and connection headers are the server's business and ignored here.
package struct HTTPResponse: Sendable {
    /// Three digits, 200 to 599.
    package var status: Int
    /// Names in any case, values without line breaks; repeated names are sent repeatedly.
    package var headers: [(String, String)]
    /// Not sent for HEAD, 204 and 304, whose headers still tell its length.
    package var body: Body

    /// Where the bytes of an answer come from.
    package enum Body: Sendable {
        /// No bytes.
        case empty
        /// Small enough to be held in memory.
        case bytes([UInt8])
        /// Exactly `length` bytes, pulled as the client takes them; `read` gives at most `maximum` bytes, none at the end.
        /// A thrown error or an early end closes the connection, so that the client sees a truncated answer.
        case stream(length: Int, read: @Sendable (_ maximum: Int) async throws -> [UInt8])
    }

    /// An answer with these parts, by default without bytes.
    package init(status: Int, headers: [(String, String)] = [], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A short text answer.
    package static func text(_ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8")
        -> Self
    {
        HTTPResponse(status: status, headers: [("Content-Type", contentType)], body: .bytes(Array(text.utf8)))
    }

    /// The first value of a header, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }

    static let serverOwnedHeaders: Set<String> = ["content-length", "transfer-encoding", "connection", "date"]
}
