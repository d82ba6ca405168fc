// SPDX-License-Identifier: Apache-2.0
import CCurl

/// Why a request got no usable response, or a message was not accepted; no case carries a URL, address or body.
package enum HTTPClientError: Error, Equatable {
    /// The request cannot be sent by anyone; the reason is a constant.
    case invalidRequest(String)
    /// The name has no address, or the resolver is away.
    case resolveFailed
    /// Nobody listens there, or a firewall is between.
    case connectFailed
    /// Certificate, protocol version or STARTTLS not as required.
    case tlsFailed
    /// No end within the request's timeout.
    case timedOut
    /// The connection broke; the other side may have acted all the same.
    case connectionLost
    /// The response is larger than the request's limit.
    case responseTooLarge(maximumBytes: Int)
    /// The other side does not speak the protocol.
    case protocolViolation
    /// An SMTP server refused with this reply code (RFC 5321, 4.2): 4xx for now, 5xx for good.
    case smtpRejected(replyCode: Int)
    /// The calling task was cancelled.
    case cancelled
    /// Any other libcurl result, by its number.
    case failed(curlCode: Int)

    /// Whether the same request may succeed later.
    package var isRetriable: Bool {
        switch self {
        case .resolveFailed, .connectFailed, .timedOut, .connectionLost: true
        case .smtpRejected(let replyCode): (400..<500).contains(replyCode)
        case .invalidRequest, .tlsFailed, .responseTooLarge, .protocolViolation, .cancelled, .failed: false
        }
    }

    /// The SMTP reply that caused it, for delivery records.
    package var smtpReplyCode: Int? {
        if case .smtpRejected(let replyCode) = self { replyCode } else { nil }
    }

    init(_ code: CURLcode, limit: Int) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidRequest("The URL is not an allowed one.")
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolveFailed
            case CURLE_COULDNT_CONNECT: .connectFailed
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_USE_SSL_FAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
                .tlsFailed
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .connectionLost
            case CURLE_FILESIZE_EXCEEDED: .responseTooLarge(maximumBytes: limit)
            case CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2: .protocolViolation
            default: .failed(curlCode: Int(code.rawValue))
            }
    }
}
