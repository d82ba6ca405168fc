// SPDX-License-Identifier: Apache-2.0

/// One request; redirects are never followed, so a 3xx is an answer like any other.
package struct HTTPClientRequest: Sendable {
    /// Upper case, as `GET`.
    package var method: String
    /// Absolute, http or https.
    package var url: String
    /// Sent as they are; a name or value with a line break makes the request invalid.
    package var headers: [(String, String)]
    /// Sent with its length; nil sends no body.
    package var body: [UInt8]?
    /// From the call to the last byte of the response.
    package var timeoutSeconds: Double
    /// A larger response ends with `HTTPClientError.responseTooLarge`.
    package var maximumResponseBytes: Int
    /// Adds `traceparent` and `X-Correlation-Id` of the current task; for Paraph's own services, not for strangers.
    package var propagatesTrace = false
    /// Connects only to public addresses, whatever the name resolves to: for URLs that strangers wrote.
    ///
    /// A connection that the session keeps to the same host is used without another look.
    package var refusesInternalAddresses = false
    /// Connects to this Unix socket in place of the URL's host.
    package var unixSocketPath: String?

    /// A request with limits that suit small JSON exchanges.
    package init(
        method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        timeoutSeconds: Double = 30, maximumResponseBytes: Int = 1_048_576
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
        self.maximumResponseBytes = maximumResponseBytes
    }
}

/// A whole response.
package struct HTTPClientResponse: Sendable {
    package let status: Int
    /// Names in lower case, in the order received.
    package let headers: [(String, String)]
    package let body: [UInt8]

    /// The first value of a header, whose name is given in lower case.
    package func header(_ lowercased: String) -> String? {
        headers.first { $0.0 == lowercased }?.1
    }
}
