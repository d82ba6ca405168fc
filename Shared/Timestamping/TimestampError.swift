// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// Why there is no timestamp; a signature is final without one then.
package enum TimestampError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The time allowed was none: nobody was asked.
    case notAsked
    /// No authority is configured.
    case noAuthority
    /// Every authority failed within the time allowed: what each said last, in the order of the configuration.
    case exhausted([TimestampFailure])
    /// The calling task was cancelled.
    case cancelled

    /// One sentence without addresses.
    package var description: String {
        switch self {
        case .notAsked: "no timestamp was asked for"
        case .noAuthority: "no timestamp authority is configured"
        case .cancelled: "the request for a timestamp was cancelled"
        case .exhausted(let failures):
            "no timestamp authority answered as it should: "
                + failures.enumerated().map { "authority \($0 + 1) \($1)" }.joined(separator: "; ")
        }
    }
}

/// What was wrong with one authority's last answer.
package enum TimestampFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There was no whole response.
    case transport(HTTPClientError)
    /// A status other than 200; 400 and 429 are how authorities refuse too many requests.
    case status(Int)
    /// A PKIStatus that grants nothing, with the bit of PKIFailureInfo.
    case refused(failure: Int?)
    /// The body is no TimeStampResp, or its token is none.
    case unreadable
    /// The token answers another request.
    case wrongNonce
    /// The token is over something else, or made with another algorithm.
    case wrongImprint
    /// The token was made under another policy than the one asked for.
    case wrongPolicy
    /// The token lacks its signer's certificate, or that does not allow time-stamping and nothing else.
    case wrongCertificate
    /// The signature does not belong to the token.
    case wrongSignature
    /// The token's time is further from this machine's than allowed, or outside the certificate's validity.
    case wrongTime
    /// The certificate leads to no authority that is trusted.
    case untrusted
    /// It failed too often just now, or asked to be left alone for a while.
    case resting
    /// The time allowed was over before its turn.
    case noTimeLeft

    /// A clause that follows the authority's name.
    package var description: String {
        switch self {
        case .transport(let error): "could not be reached (\(error))"
        case .status(let status): "answered with HTTP status \(status)"
        case .refused(let failure): "refused the request (failure \(failure.map(String.init) ?? "not given"))"
        case .unreadable: "sent something that is no timestamp"
        case .wrongNonce: "sent a timestamp with another nonce"
        case .wrongImprint: "sent a timestamp over something else"
        case .wrongPolicy: "sent a timestamp under another policy"
        case .wrongCertificate: "sent a timestamp without a certificate for time-stamping alone"
        case .wrongSignature: "sent a timestamp whose signature is wrong"
        case .wrongTime: "sent a timestamp with an implausible time"
        case .untrusted: "is not trusted"
        case .resting: "is left alone after failures"
        case .noTimeLeft: "was not asked, because the time was over"
        }
    }
}
