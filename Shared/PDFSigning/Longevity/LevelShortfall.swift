// SPDX-License-Identifier: Apache-2.0
package import Revocation
package import Timestamping

/// Why a level was not reached; the document is as good as its lower level all the same (RES-01).
package enum LevelShortfall: Sendable, Equatable, CustomStringConvertible {
    /// No authority gave a timestamp in time.
    case timestamp(TimestampError)
    /// The status of a certificate could not be proven.
    case revocation(RevocationError)
    /// A signature in the document carries no certificate of its signer, or cannot be read.
    case unreadableSignature(field: String)

    /// One sentence.
    package var description: String {
        switch self {
        case .timestamp(let error): error.description
        case .revocation(let error): error.description
        case .unreadableSignature(let field): "the signature in field \(field) does not say by which certificate it is"
        }
    }

    /// True when the signer's or an authority's certificate was revoked, so that trying again is in vain.
    package var isRevocation: Bool {
        if case .revocation(.revoked) = self { true } else { false }
    }
}
