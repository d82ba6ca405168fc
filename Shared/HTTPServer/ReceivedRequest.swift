// SPDX-License-Identifier: Apache-2.0

/// A request as it comes from the connection, with the reason to refuse it when its headers already give one.
struct ReceivedRequest: Sendable {
    let request: HTTPRequest
    let refusal: HTTPServerError?
    let exchange: HTTPExchange
}

/// What the daemon says about a request when its headers are complete.
struct RequestHead {
    let method: HTTPMethod
    /// Path with percent sequences, without the query.
    let target: String
    /// Names in lower case.
    var headers: [(String, String)] = []
    /// Names and values still with percent sequences; `+` is already a space.
    var rawQuery: [(String, String)] = []
    var headerBytes = 0

    init(method: HTTPMethod, target: String) {
        self.method = method
        self.target = target
    }

    func values(_ name: String) -> [String] {
        headers.filter { $0.0 == name }.map(\.1)
    }

    var contentLength: Int? { values("content-length").first.flatMap { Int($0) } }
    var isChunked: Bool { !values("transfer-encoding").isEmpty }
    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// The decoded query; nil for a bad percent sequence, bad UTF-8 or a NUL.
    var query: [(String, String)]? {
        var query: [(String, String)] = []
        for (name, value) in rawQuery {
            guard let name = RequestTarget.decoded(name.utf8), let value = RequestTarget.decoded(value.utf8) else {
                return nil
            }
            query.append((name, value))
        }
        return query
    }

    /// The first thing wrong with the headers; ambiguous framing is refused, because a proxy in front may read it
    /// differently (RFC 9112, 6.3 and 11.2).
    func refusal(_ limits: HTTPListenerConfiguration) -> HTTPServerError? {
        if headerBytes > limits.maximumHeaderBytes { return .headersTooLarge }
        let lengths = values("content-length")
        let encodings = values("transfer-encoding")
        if encodings.count > 1 || encodings.first.map({ $0.lowercased() != "chunked" }) ?? false {
            return .malformedRequest("The only transfer encoding taken is chunked.")
        }
        if !encodings.isEmpty, !lengths.isEmpty {
            return .malformedRequest("A request has either a content length or a transfer encoding.")
        }
        if lengths.count > 1 { return .malformedRequest("The content length is repeated.") }
        if values("host").count > 1 { return .malformedRequest("The host is repeated.") }
        if let contentLength, contentLength > limits.maximumBodyBytes {
            return .bodyTooLarge(maximumBytes: limits.maximumBodyBytes)
        }
        return nil
    }

    /// Whether an early answer goes out without reading the body, after which the connection is closed.
    func answersBeforeBody(_ refusal: HTTPServerError?) -> Bool {
        if refusal != nil { return true }
        if values("expect").contains(where: { $0.lowercased() == "100-continue" }) { return true }
        return (contentLength ?? 0) > ExchangeState.maximumDrainedBytes
    }
}
