// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// What revocation data say about one certificate (RFC 6960, 2.2; RFC 5280, 5).
package enum RevocationStatus: Sendable, Hashable {
    /// Not revoked when the data were made.
    case good
    /// Revoked from that instant on; the reason is absent where none was given.
    case revoked(at: Instant, reason: RevocationReason?)
    /// The responder does not know the certificate.
    case unknown
}

/// CRLReason (RFC 5280, 5.3.1).
package enum RevocationReason: Int, Sendable, Hashable {
    case unspecified = 0
    case keyCompromise = 1
    case authorityCompromise = 2
    case affiliationChanged = 3
    case superseded = 4
    case cessationOfOperation = 5
    case certificateHold = 6
    case removeFromList = 8
    case privilegeWithdrawn = 9
    case attributeAuthorityCompromise = 10
}
