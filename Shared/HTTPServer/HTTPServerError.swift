// SPDX-License-Identifier: Apache-2.0

/// Why a request cannot be answered by its handler, or a listener cannot listen.
package enum HTTPServerError: Error, Equatable {
    /// No route has this path.
    case notFound
    /// A route has this path, with other methods.
    case methodNotAllowed(allowed: [HTTPMethod])
    /// The request breaks HTTP or has undecodable text; the reason is a constant, never client data.
    case malformedRequest(String)
    /// The header fields together exceed the listener's limit.
    case headersTooLarge
    /// The body exceeds the listener's or the reader's limit.
    case bodyTooLarge(maximumBytes: Int)
    /// The client went away, or was silent for too long, before its body was complete.
    case bodyIncomplete
    /// The body was asked for a second time, or by two tasks at once.
    case bodyAlreadyRead
    /// The reading task was cancelled, as at the end of the drain deadline.
    case cancelled
    /// The body is not the multipart/form-data it claims to be (RFC 7578).
    case malformedMultipart(MultipartFault)
    /// A streamed answer gave fewer or more bytes than its length; the connection was closed.
    case streamLengthMismatch
    /// A call on the listening socket failed with this `errno`.
    case listenFailed(operation: String, errno: Int32)
    /// libmicrohttpd did not start: too few file descriptors or threads.
    case startFailed

    /// The status that tells the client about it.
    package var status: Int {
        switch self {
        case .notFound: 404
        case .methodNotAllowed: 405
        case .malformedRequest, .bodyIncomplete, .malformedMultipart: 400
        case .headersTooLarge: 431
        case .bodyTooLarge: 413
        case .cancelled: 503
        case .bodyAlreadyRead, .streamLengthMismatch, .listenFailed, .startFailed: 500
        }
    }
}

/// What is wrong with a multipart body.
package enum MultipartFault: String, Sendable, Equatable {
    /// The content type is not multipart/form-data.
    case notMultipart
    /// The boundary is absent, longer than 70 characters or of other characters than RFC 2046 allows.
    case invalidBoundary
    /// A part's header block is longer than the limit.
    case headersTooLarge
    /// A header line is not a field, or the Content-Disposition has no usable name.
    case invalidHeader
    /// More parts than the limit.
    case tooManyParts
    /// The body ended before the closing boundary.
    case truncated
    /// A boundary is followed by neither a line end nor the closing hyphens.
    case invalidDelimiter
}
