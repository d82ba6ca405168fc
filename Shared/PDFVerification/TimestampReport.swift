// SPDX-License-Identifier: Apache-2.0

/// What the check of one timestamp found, in a signature or of the document.
package struct TimestampReport: Sendable, Equatable, Codable {
    /// The outcome for a timestamp (EN 319 102-1, 5.4), which is no signature of the document.
    package enum Outcome: String, Sendable, Codable {
        case passed = "PASSED"
        case indeterminate = "INDETERMINATE"
        case failed = "FAILED"
    }

    /// The signature field of a document timestamp; nil inside a signature.
    package var field: String?
    /// The outcome.
    package var indication = Outcome.indeterminate
    /// Why it did not pass; nil when it did.
    package var subIndication: SubIndication?
    /// Why it did not pass, in a sentence.
    package var reason: String?
    /// Whether the imprint is that of what was stamped and the authority's signature holds.
    package var integrity = SignatureReport.Integrity.unreadable
    /// How much of the file a document timestamp covers.
    package var coverage: SignatureReport.Coverage?
    /// What later revisions did to what a document timestamp covers.
    package var changesAfter: ChangeVerdict?
    /// The time that the authority certifies; RFC 3339.
    package var time: String?
    /// The common name of the authority.
    package var authority: String?
    /// SHA-256 of the authority's certificate in hexadecimal.
    package var certificateSHA256: String?
    /// Whether the authority's certificates were revoked.
    package var revocation = SignatureReport.Revocation.unchecked

    init(field: String? = nil) {
        self.field = field
    }

    private enum CodingKeys: String, CodingKey {
        case field, indication, reason, integrity, coverage, time, authority, revocation
        case subIndication = "sub_indication"
        case changesAfter = "changes_after"
        case certificateSHA256 = "certificate_sha256"
    }

    /// Records why it does not pass; the first reason stays.
    mutating func note(_ shortcoming: Shortcoming) {
        guard subIndication == nil else { return }
        indication = shortcoming.indication == .failed ? .failed : .indeterminate
        subIndication = shortcoming.subIndication
        reason = shortcoming.sentence
    }
}
