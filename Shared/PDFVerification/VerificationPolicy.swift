// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography

/// What a verification takes as given (EN 319 102-1, 5.1.4).
package struct VerificationPolicy: Sendable {
    /// What is asked of revocation data.
    package enum RevocationRule: Sendable, Hashable {
        /// Data that the file carries are judged; where it carries none, a note says so and the signature can pass.
        ///
        /// That is what readers do that have no connection to ask with, and what a level B-B or B-T promises.
        case whereCarried
        /// Without data for each certificate the outcome is INDETERMINATE with TRY_LATER.
        case required
    }

    /// The certificates that a chain may end with, authorities of timestamps included.
    package var trust: [Certificate]
    /// The time of verification.
    package var time: Instant
    /// What is asked of revocation data.
    package var revocation: RevocationRule

    /// Without anchors no signature passes, but everything that needs none is still told.
    package init(trust: [Certificate] = [], time: Instant, revocation: RevocationRule = .whereCarried) {
        self.trust = trust
        self.time = time
        self.revocation = revocation
    }
}
