// SPDX-License-Identifier: Apache-2.0

/// Why an input does not fit the state; the audit log records it as denied under `code`.
package struct TransitionError: Error, Sendable, Hashable {
    /// The reasons, as they stand in the audit log.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The envelope is completed, declined, voided, expired or failed.
        case envelopeEnded = "envelope_ended"
        case notSent = "not_sent"
        case unknownRequest = "unknown_request"
        case notASigner = "not_a_signer"
        /// The routing has not reached the recipient.
        case notOpen = "not_open"
        case supersededLink = "superseded_link"
        /// A generation that was never issued.
        case unknownLink = "unknown_link"
        /// The deadline had passed when the recipient acted.
        case deadlinePassed = "deadline_passed"
        /// Another submission of this recipient came first.
        case alreadySigned = "already_signed"
        case alreadyDeclined = "already_declined"
        /// The consent names other documents or another prepared version.
        case consentMismatch = "consent_mismatch"
        case unknownField = "unknown_field"
        /// A result for a job that is not in hand.
        case unknownJob = "unknown_job"
        case unknownArtifact = "unknown_artifact"
        /// No document, no signer, an order below 1, or an id or key used twice.
        case invalidDraft = "invalid_draft"
        /// A move that the table does not have; a defect if it is ever seen.
        case illegalMove = "illegal_move"
    }

    package let code: Code
    /// Where the envelope stood.
    package let status: EnvelopeStatus

    package init(code: Code, status: EnvelopeStatus) {
        self.code = code
        self.status = status
    }
}
