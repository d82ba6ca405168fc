// SPDX-License-Identifier: Apache-2.0

/// One request: header names in lower case, path and query decoded from percent sequences and valid UTF-8.
package struct HTTPRequest: Sendable {
    /// As sent, so HEAD stays HEAD in the handler of GET.
    package let method: HTTPMethod
    /// Still percent-encoded; may hold tokens, so it belongs in no log.
    package let path: String
    /// The decoded `{name}` segments of the matched template.
    package internal(set) var pathParameters: [String: String]
    /// The matched template, for logs and metrics; `unmatched` when there is none.
    package internal(set) var routeTemplate: String
    /// Decoded, in the order sent, repeated names included.
    package let query: [(String, String)]
    /// In the order sent; names in lower case.
    package let headers: [(String, String)]
    /// Not read from the connection until a handler asks for it.
    package let body: HTTPRequestBody
    /// The numeric address of the TCP peer, which may be a proxy; personal data, so it belongs in no log.
    package let peerAddress: String

    static let unmatchedTemplate = "unmatched"

    /// Builds a request without a connection, for in-process tests of routes.
    package init(
        method: HTTPMethod, path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: HTTPRequestBody = HTTPRequestBody(bytes: []), peerAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.path = path
        self.pathParameters = [:]
        self.routeTemplate = Self.unmatchedTemplate
        self.query = query
        self.headers = headers
        self.body = body
        self.peerAddress = peerAddress
    }

    /// The first value of a header, whose name is given in lower case.
    package func header(_ lowercased: String) -> String? {
        headers.first { $0.0 == lowercased }?.1
    }

    /// The first value of a query parameter.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.0 == name }?.1
    }
}
