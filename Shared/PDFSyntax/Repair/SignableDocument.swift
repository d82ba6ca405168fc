// SPDX-License-Identifier: Apache-2.0
package import ByteCoding

/// A document in the form in which it is signed: the file as it is, or written anew where it is damaged.
///
/// Everything that takes documents in opens them here, so that all of them decide alike.
package struct SignableDocument: Sendable {
    /// The file that was given, or its repaired form, which reads stream data from it.
    package let source: any ByteSource
    /// Opened over `source`.
    package let document: PDFDocument
    /// What was wrong and has been put right, a sentence each without content of the document; empty for most.
    package let repairs: [String]

    /// Opens a file, and repairs it where its structure is damaged or readers would differ in what they make of it.
    ///
    /// Form and page tree are read, since their slips show only then. Signed and encrypted documents stay as they are.
    /// - Throws: `PDFError` with the reason that the file cannot be read or repaired, `truncated` where its end is missing.
    package init(
        _ file: any ByteSource, limits: PDFLimits = .default, password: String? = nil
    ) throws(PDFError) {
        var reason: String?
        var isCut = false
        do throws(PDFError) {
            let opened = try PDFDocument(source: file, limits: limits, password: password)
            reason = try Self.reasonForRepair(opened)
            if reason == nil {
                (source, document, repairs) = (file, opened, [])
                return
            }
        } catch {
            guard [.damaged, .truncated, .unsupported].contains(error.code) else { throw error }
            isCut = error.code == .truncated
        }
        do throws(PDFError) {
            let repaired = try DocumentRepair.repair(source: file, limits: limits)
            source = repaired.source
            document = try PDFDocument(source: repaired.source, limits: limits)
            repairs = (reason.map { repaired.notes.contains($0) ? [] : [$0] } ?? []) + repaired.notes
        } catch {
            // What a cut took away is not there to be found: the cut is what has to be put right.
            throw isCut && error.code == .damaged ? PDFError(.truncated, error.detail) : error
        }
    }

    private static func reasonForRepair(_ document: PDFDocument) throws(PDFError) -> String? {
        guard document.encryption == nil, try !document.formFields().contains(where: \.isSigned) else { return nil }
        _ = try document.pages()
        return try DocumentRepair.reason(for: document)
    }
}
