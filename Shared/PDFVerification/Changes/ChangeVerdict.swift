// SPDX-License-Identifier: Apache-2.0

/// What later revisions did to what a signature covers, in one word.
package enum ChangeVerdict: String, Sendable, Codable {
    /// No later revision, or none that changes anything.
    case none
    /// Only what the signature and its certification allow (ISO 32000-2, 12.8.2).
    case permitted
    /// At least one change is not allowed; what the document shows now is not what was signed.
    case notPermitted = "not_permitted"
    /// The two states could not be compared whole; nothing forbidden was seen in what could be read.
    case unknown
}

/// One object that later revisions defined, changed or removed.
package struct DocumentChange: Sendable, Equatable, Codable {
    /// `12 0 R`, `trailer`, or `file` for bytes that belong to no object.
    package let object: String
    /// What happened to it, as a clause.
    package let what: String
    /// Whether the signature at hand allows it.
    package let permitted: Bool
    /// The rule that decided.
    package let why: String
}

/// The verdict with the changes it rests on.
package struct ChangeReport: Sendable, Equatable {
    /// The most changes that a report lists; the verdict counts the rest too.
    package static let maximumListed = 200

    /// The verdict over all changes, listed or not.
    package let verdict: ChangeVerdict
    /// Forbidden ones first, in the order of the revisions otherwise.
    package let changes: [DocumentChange]
}
