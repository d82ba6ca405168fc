// SPDX-License-Identifier: Apache-2.0

/// What the check of one signature found; the JSON of `paraph verify`.
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
        /// Something else.
        case partial
        /// The byte range does not leave out exactly the signature.
        case invalid
    }

    /// What later revisions did.
    package enum Changes: String, Sendable, Codable {
        case none, permitted, unknown
        case notPermitted = "not_permitted"
    }

    /// The full name of the signature field.
    package var field: String
    /// `signature` or `document_timestamp`.
    package var kind: String
    /// Whether signed bytes and signature belong together.
    package var integrity: Integrity
    /// How much of the file is covered.
    package var coverage: Coverage
    /// What later revisions did; only their absence is established.
    package var changesAfter: Changes
    /// `B-B`, or nil for what is no PAdES baseline signature.
    package var level: String?
    /// `/Name` of the signature dictionary: a claim.
    package var signer: String?
    /// `/M` of the signature dictionary: a claim.
    package var claimedTime: String?
    /// The common name in the certificate of the key that signed.
    package var certificateName: String?
    /// SHA-256 of that certificate in hexadecimal.
    package var certificateSHA256: String?
    /// Why integrity or coverage are not what they should be.
    package var reason: String?

    private enum CodingKeys: String, CodingKey {
        case field, kind, integrity, coverage, level, signer, reason
        case changesAfter = "changes_after"
        case claimedTime = "claimed_time"
        case certificateName = "certificate_name"
        case certificateSHA256 = "certificate_sha256"
    }
}

/// What the check of a document found.
package struct VerificationReport: Sendable, Equatable, Codable {
    /// Bytes in the file.
    package var size: Int
    /// Every signed field, in the order of the form.
    package var signatures: [SignatureReport]

    /// True when there is a signature, all are intact and cover a whole revision, and the last covers the whole file.
    package var isIntact: Bool {
        !signatures.isEmpty
            && signatures.allSatisfy {
                $0.integrity == .intact && ($0.coverage == .wholeFile || $0.coverage == .wholeRevision)
            } && signatures.contains { $0.coverage == .wholeFile }
    }
}
