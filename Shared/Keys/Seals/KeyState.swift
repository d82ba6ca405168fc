// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// Where a signing key is in its life (NIST SP 800-57 part 1, revision 5, 7).
package enum KeyState: String, Sendable, Codable, CaseIterable {
    /// Stored and never used for a document: waits for its trial and the cutover.
    case preActivation = "pre_activation"
    /// Signs; at most one key per tenant and purpose.
    case active
    /// Signs nothing until somebody decides.
    case suspended
    /// Replaced; signs nothing, and can be taken back while its certificate is valid.
    case deactivated
    /// In wrong hands, or feared to be: never signs again.
    case compromised
    /// The key itself is gone; certificates and history stay.
    case destroyed

    /// The states that may follow.
    package var successors: Set<KeyState> {
        switch self {
        case .preActivation: [.active, .compromised, .destroyed]
        case .active: [.suspended, .deactivated, .compromised]
        case .suspended: [.active, .deactivated, .compromised]
        // Back to active is the rollback of a cutover.
        case .deactivated: [.active, .compromised, .destroyed]
        case .compromised: [.destroyed]
        case .destroyed: []
        }
    }
}

/// What a tenant's key is for; a key of one purpose is not used for another (SP 800-57 part 1, 5.2).
package enum SealPurpose: String, Sendable, Codable, CaseIterable {
    /// Recipients' signatures.
    case signature
    /// Certifying a prepared document against changes.
    case certification
}

/// One step in a key's life.
package struct KeyTransition: Sendable, Codable, Equatable {
    /// The state that begins.
    package let state: KeyState
    /// When it was decided.
    package let at: Instant
    /// Who decided, as the operating system knows them.
    package let by: String
    /// Why, in the words of who decided.
    package let reason: String?
}
