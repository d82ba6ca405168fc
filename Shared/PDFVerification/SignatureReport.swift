// SPDX-License-Identifier: Apache-2.0

/// What the check of one signature found; one element of `signatures` in the JSON of `paraph verify`.
package struct SignatureReport: Sendable, Equatable, Codable {
    /// Whether the signed bytes and the signature belong together.
    package enum Integrity: String, Sendable, Codable {
        case intact, broken, unreadable
    }

    /// How much of the file the signature covers.
    package enum Coverage: String, Sendable, Codable {
        /// Everything.
        case wholeFile = "whole_file"
        /// Everything up to the end of an earlier revision.
        case wholeRevision = "whole_revision"
        /// From the beginning of the file to somewhere inside a revision.
        case partial
        /// The byte range does not leave out exactly the signature.
        case invalid

        /// True where a whole state of the document was signed.
        package var isWhole: Bool { self == .wholeFile || self == .wholeRevision }
    }

    /// What is known about the revocation of the certificates between signer and anchor.
    package enum Revocation: String, Sendable, Codable {
        /// Data in the file say that none was revoked at the time that counts.
        case good
        /// The file has no such data for at least one of them.
        case unchecked = "not_checked"
        /// At least one is revoked.
        case revoked
    }

    /// What one signature lets others fill in afterwards (ISO 32000-2, 12.8.2.4).
    package struct FieldLock: Sendable, Equatable, Codable {
        /// `All`, `Include` or `Exclude`.
        package var action: String
        /// The full names that the action speaks of.
        package var fields: [String]
    }

    /// The full name of the signature field.
    package var field: String
    /// The outcome.
    package var indication = Indication.indeterminate
    /// Why it did not pass; nil when it did.
    package var subIndication: SubIndication?
    /// Why it did not pass, in a sentence.
    package var reason: String?
    /// What a reader should know although it passed.
    package var notes: [String] = []
    /// Whether signed bytes and signature belong together.
    package var integrity = Integrity.unreadable
    /// How much of the file is covered.
    package var coverage = Coverage.invalid
    /// What later revisions did.
    package var changesAfter = ChangeVerdict.unknown
    /// What they did, object by object.
    package var changes: [DocumentChange] = []
    /// `B-B`, `B-T`, `B-LT` or `B-LTA` where EN 319 142-1 is met, else `PAdES`, `PKCS7` or `X509`; nil when unreadable.
    package var level: String?
    /// `/Name` of the signature dictionary, a claim of the signer's; the certificate's common name where it is absent.
    package var signer: String?
    /// When it was made: proven by a timestamp where `timeSource` says so, else the claimed time; RFC 3339.
    package var time: String?
    /// `timestamp` or `claimed`.
    package var timeSource: String?
    /// `/M` of the signature dictionary: a claim.
    package var claimedTime: String?
    /// The common name in the certificate of the key that signed.
    package var certificateName: String?
    /// SHA-256 of that certificate in hexadecimal.
    package var certificateSHA256: String?
    /// Digest and scheme, for example `rsaPKCS1-sha256`.
    package var algorithm: String?
    /// Whether the certificates were revoked.
    package var revocation = Revocation.unchecked
    /// What the certification by this signature allows: 1 nothing, 2 forms, 3 also comments; nil where it is none.
    package var certification: Int?
    /// The fields that this signature locks.
    package var locks: [FieldLock] = []
    /// The timestamps inside the signature.
    package var timestamps: [TimestampReport] = []

    init(field: String) {
        self.field = field
    }

    private enum CodingKeys: String, CodingKey {
        case field, indication, reason, notes, integrity, coverage, changes, level, signer, time, algorithm, revocation
        case certification, locks, timestamps
        case subIndication = "sub_indication"
        case changesAfter = "changes_after"
        case timeSource = "time_source"
        case claimedTime = "claimed_time"
        case certificateName = "certificate_name"
        case certificateSHA256 = "certificate_sha256"
    }

    /// Records the first reason that counts most: a failure replaces what was only indeterminate.
    mutating func note(_ shortcoming: Shortcoming) {
        guard subIndication == nil || (indication == .indeterminate && shortcoming.indication == .failed) else {
            return
        }
        indication = shortcoming.indication
        subIndication = shortcoming.subIndication
        reason = shortcoming.sentence
    }
}
