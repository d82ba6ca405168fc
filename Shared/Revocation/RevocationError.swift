// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography

/// Why validation data could not be had, or forbid what they were wanted for.
package enum RevocationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The certificate was revoked: nothing is to be signed with it, and nothing signed with it is to be raised.
    case revoked(subject: String, at: Instant, reason: RevocationReason?)
    /// No source that the certificate names gave its status: what the last one did.
    case noStatus(subject: String, RevocationFailure)
    /// No path leads from the certificate to an anchor.
    case noPath(subject: String)
    /// The calling task was cancelled.
    case cancelled

    /// One sentence; the subject is a certificate's common name.
    package var description: String {
        switch self {
        case .revoked(let subject, let time, let reason):
            "the certificate of \(subject) was revoked at \(time.rfc3339(fractionDigits: 0))"
                + (reason.map { " (\($0))" } ?? "")
        case .noStatus(let subject, let failure): "the status of the certificate of \(subject) is unknown: \(failure)"
        case .noPath(let subject): "no path leads from the certificate of \(subject) to a trusted authority"
        case .cancelled: "fetching revocation data was cancelled"
        }
    }
}
