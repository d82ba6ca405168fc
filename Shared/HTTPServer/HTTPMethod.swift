// SPDX-License-Identifier: Apache-2.0

/// A request method as it was sent; methods are case-sensitive (RFC 9110, 9.1), unknown ones are kept for the 405 answer.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// Keeps any token, also one without a constant here.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Safe; HEAD is answered from its handler.
    package static let get = HTTPMethod(rawValue: "GET")
    /// Answered from the GET handler when it has none of its own.
    package static let head = HTTPMethod(rawValue: "HEAD")
    /// Neither safe nor idempotent without an idempotency key.
    package static let post = HTTPMethod(rawValue: "POST")
    /// Idempotent replacement.
    package static let put = HTTPMethod(rawValue: "PUT")
    /// Partial change (RFC 5789).
    package static let patch = HTTPMethod(rawValue: "PATCH")
    /// Idempotent removal.
    package static let delete = HTTPMethod(rawValue: "DELETE")
    /// Not answered by the router itself; a route may handle it.
    package static let options = HTTPMethod(rawValue: "OPTIONS")

    static let known: Set<HTTPMethod> = [.get, .head, .post, .put, .patch, .delete, .options]

    /// The method as a metric label: unknown tokens share one value, so that a client cannot grow the label set.
    var label: String { Self.known.contains(self) ? rawValue : "other" }
}
