// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax

/// Judges how much of the document a signature covers, with the revisions read once for all signatures.
struct RevisionCoverage {
    private let document: PDFDocument
    private let source: any ByteSource
    private let open: RevisionChanges.Opener
    private let history: RevisionHistory
    /// Who has which byte range, to find those that overlap.
    private let gaps: [(reference: PDFReference, gap: Range<Int>)]

    init(
        _ document: PDFDocument, source: any ByteSource, open: @escaping RevisionChanges.Opener, fields: [SignedField]
    ) throws(PDFError) {
        self.document = document
        self.source = source
        self.open = open
        history = try document.revisionHistory()
        gaps = fields.compactMap { field in
            guard let reference = field.reference, let range = field.range else { return nil }
            return (reference, range.gap)
        }
    }

    /// The coverage, and a sentence where it is not whole.
    func judge(_ field: SignedField) throws(PDFError) -> (coverage: SignatureReport.Coverage, fault: String?) {
        guard let reference = field.reference else {
            return (.invalid, "The signature dictionary is not an object of its own.")
        }
        guard let range = field.range else {
            return (.invalid, "The byte range does not leave out exactly the signature.")
        }
        if gaps.contains(where: { $0.reference != reference && $0.gap.overlaps(range.gap) }) {
            return (.invalid, "Two signatures claim the same place in the file.")
        }
        if range.end == document.size { return (.wholeFile, nil) }
        guard try endsRevision(range.end) else {
            return (.partial, "The signed bytes do not end where a revision of the document ends.")
        }
        guard try isSameDictionary(field, reference, range) else {
            return (.invalid, "The signature dictionary was replaced after it was signed.")
        }
        return (.wholeRevision, nil)
    }

    /// True when a revision ends there and every cross-reference section that it is made of lies before.
    ///
    /// White space may follow the end-of-file marker, or its line end may have been added later.
    private func endsRevision(_ end: Int) throws(PDFError) -> Bool {
        for (index, revision) in history.revisions.enumerated() {
            guard let marker = revision.end else { continue }
            guard marker - 2 <= end else { continue }
            guard try isBlank(min(marker, end)..<max(marker, end)) else { return false }
            let older = history.revisions[index...].flatMap(\.sections)
            return older.allSatisfy { section in
                section.offset < end && (section.trailer["XRefStm"]?.integerValue ?? 0) < end
            }
        }
        return false
    }

    private func isBlank(_ range: Range<Int>) throws(PDFError) -> Bool {
        guard range.count <= 4_096 else { return false }
        return try document.bytes(range).allSatisfy { [0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }
    }

    /// True when the document that was signed has the same dictionary at the same place under the same number.
    private func isSameDictionary(
        _ field: SignedField, _ reference: PDFReference, _ range: SignedRange
    ) throws(PDFError) -> Bool {
        guard let offset = try document.offset(of: reference), offset < range.gap.lowerBound else { return false }
        do throws(PDFError) {
            let signed = try open(PrefixSource(source, size: range.end))
            return try signed.offset(of: reference) == offset
        } catch {
            // Only a failure of the store is one of the whole check; a state that cannot be opened was never a document.
            guard error.code != .sourceUnreadable else { throw error }
            return false
        }
    }
}
