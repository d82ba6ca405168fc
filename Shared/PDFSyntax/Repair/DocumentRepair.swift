// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Cryptography

/// A damaged document written anew.
package struct RepairedDocument: Sendable {
    /// The whole new file; stream data is read from the original as long as it is used.
    package let source: RewrittenSource
    /// What was wrong and what was done, a sentence each, for the audit record.
    package let notes: [String]
}

/// Rebuilds a document whose structure is damaged by one full rewrite, before anybody signs it.
///
/// The file is read once from its beginning, and the last definition of each object counts. It is refused rather than
/// guessed at: a signed file is never repaired, and neither is one of which a page, its content or anything that a lost
/// part may have held is missing.
package enum DocumentRepair {
    /// The repaired document, the same bytes for the same file.
    /// - Throws: `PDFError` with the code that the upload is refused with.
    package static func repair(
        source: any ByteSource, limits: PDFLimits = .default
    ) throws(PDFError) -> RepairedDocument {
        var notes = RepairNotes()
        if let fault = try fault(of: source, limits: limits) { notes.add("\(fault)") }
        var file = try RecoveredFile(FileWindow(source, limits: limits), limits: limits)
        for note in file.scan.notes.all { notes.add(note) }
        try checkEnd(file.scan, notes: &notes)
        let roots = try RecoveredRoots(file)
        if let note = roots.note { notes.add(note) }
        let catalog = try catalog(roots, in: &file, notes: &notes)
        let objects = try ReachableObjects(from: [catalog] + [roots.information].compactMap { $0 }, in: file)
        for note in objects.notes { notes.add(note) }
        let repaired = try DocumentRewrite(file: file, objects: objects, roots: roots)
            .write(catalog: catalog, identifier: digest(of: source), original: source)
        notes.add("The document was written anew with \(objects.references.count) objects.")
        // The last word is the reader's that everything after this uses.
        try PDFDocument(source: repaired, limits: limits).checkSignable()
        return RepairedDocument(source: repaired, notes: notes.all)
    }

    /// Why a document that can be read, and that nobody signed, is better written anew first; nil for most.
    ///
    /// Slips that are overlooked here make other readers throw the cross-reference away, and then they see another file
    /// behind an update than the one that was signed. What was not read by now is not judged.
    package static func reason(for document: PDFDocument) throws(PDFError) -> String? {
        if !document.irregularities.isDisjoint(with: .misleading) {
            return "The cross-reference does not lead to every object, and readers differ in what they make of that."
        }
        guard case .stream(let metadata) = try document.resolved(document.catalog["Metadata"]) else { return nil }
        return DocumentMetadata.isText(try document.data(of: metadata))
            ? nil : "The metadata of the document is no text in any encoding of Unicode."
    }

    /// A file that is cut inside an update would fall back to the version before it, and nobody would notice.
    private static func checkEnd(_ scan: ScannedFile, notes: inout RepairNotes) throws(PDFError) {
        guard scan.isCut else { return }
        guard scan.earlierEnds <= (scan.isLinearized ? 1 : 0) else {
            throw PDFError(.truncated, "The file ends inside its last revision, and what that changed is lost.")
        }
        notes.add("The end of the file was missing.")
    }

    /// The catalog as it will be, once the pages that it leads to have been found whole.
    private static func catalog(
        _ roots: RecoveredRoots, in file: inout RecoveredFile, notes: inout RepairNotes
    ) throws(PDFError) -> PDFReference {
        var catalog = PDFDictionary([("Type", .name("Catalog"))])
        catalog["Pages"] = roots.pages.map(PDFObject.reference)
        if let reference = roots.catalog, let found = try file.object(reference)?.dictionaryValue { catalog = found }
        guard catalog["DSS"] == nil, catalog["Perms"] == nil else { throw FileScan.signed }
        try RecoveredPages.check(catalog, in: file)
        if let reference = catalog["Metadata"]?.referenceValue {
            var isText = false
            if case .stream(let stream)? = try file.object(reference) {
                isText = DocumentMetadata.isText(try file.decoded(stream, at: reference.number))
            }
            if !isText {
                notes.add("The metadata of the document was no text in any encoding of Unicode and was left out.")
                catalog["Metadata"] = nil
            }
        }
        return file.set(catalog, at: roots.catalog)
    }

    /// What is wrong with the file as it is; nothing when it can be read, and an error when repair is no answer to it.
    private static func fault(of source: any ByteSource, limits: PDFLimits) throws(PDFError) -> String? {
        do throws(PDFError) {
            let document = try PDFDocument(source: source, limits: limits)
            try document.checkSignable()
            return try reason(for: document)
        } catch {
            switch error.code {
            case .damaged, .truncated, .unsupported: return "The file could not be read: \(RepairNotes.cause(error))"
            default: throw error
            }
        }
    }

    /// The file that was given, as the second half of the new one's `/ID`.
    private static func digest(of source: any ByteSource) throws(PDFError) -> [UInt8] {
        var hasher = DigestHasher(.sha256)
        var offset = 0
        while offset < source.size {
            let end = min(offset + RepairLimits.pieceBytes, source.size)
            do throws(ByteSourceError) {
                hasher.update(try source.bytes(in: offset..<end))
            } catch {
                throw PDFError(.sourceUnreadable, "The document could not be read from where it is stored; try again.")
            }
            offset = end
        }
        return Array(hasher.finalize().prefix(16))
    }
}
