// SPDX-License-Identifier: Apache-2.0

/// What the check of a document found; with `file` added it is the JSON of `paraph verify`.
package struct VerificationReport: Sendable, Equatable, Codable {
    /// Bytes in the file.
    package var size: Int
    /// Every signed field, in the order of the form.
    package var signatures: [SignatureReport]
    /// Every document timestamp, in the order of the form.
    package var timestamps: [TimestampReport]

    /// True when there is a signature, all pass, and no document timestamp is proven wrong.
    package var isPassed: Bool {
        !signatures.isEmpty && signatures.allSatisfy { $0.indication == .passed }
            && timestamps.allSatisfy { $0.indication != .failed }
    }

    /// True when there is a signature, all are intact and cover a whole revision, and what came later was permitted.
    ///
    /// It says nothing about trust.
    package var isIntact: Bool {
        !signatures.isEmpty
            && signatures.allSatisfy { $0.integrity == .intact && $0.coverage.isWhole }
            && timestamps.allSatisfy { $0.integrity == .intact && $0.coverage?.isWhole == true }
            // What lies behind a revision has to be revisions, and they have to be judged.
            && signatures.allSatisfy { $0.coverage == .wholeFile || $0.changesAfter == .permitted }
    }
}
