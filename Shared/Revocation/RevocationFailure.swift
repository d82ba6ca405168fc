// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// What was wrong with one source of revocation data.
package enum RevocationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The certificate names neither a responder nor a list at an address of http or https.
    case noAddress
    /// There was no whole response within limits and time.
    case transport(HTTPClientError)
    /// A status other than 200.
    case status(Int)
    /// The body is no OCSP response or revocation list that is read here.
    case unreadable
    /// It is not signed by who may say so, or not about this certificate.
    case unusable
    /// The responder answers that it cannot or does not want to say.
    case refused
    /// The responder does not know the certificate.
    case unknown
    /// It is from the future, or there should be a newer one by now.
    case outdated

    /// A clause.
    package var description: String {
        switch self {
        case .noAddress: "the certificate names no place to ask"
        case .transport(let error): "the source could not be reached (\(error))"
        case .status(let status): "the source answered with HTTP status \(status)"
        case .unreadable: "the source sent something that is no revocation data"
        case .unusable: "the source may not speak for the issuer"
        case .refused: "the responder gave no answer"
        case .unknown: "the responder does not know the certificate"
        case .outdated: "the source has nothing current"
        }
    }
}
