// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// One save of the document: where it lies and what it did, in a line.
struct RevisionFact {
    /// Where its newest cross-reference section begins.
    let sectionOffset: Int
    /// Where it begins in the file.
    let start: Int
    /// Where it ends; nil where no end marker of its own follows.
    let end: Int?
    let objects: Int
    let summary: String

    /// Oldest first.
    static func list(
        _ history: RevisionHistory, of document: PDFDocument, form: [FormField]
    ) throws(PDFError) -> [RevisionFact] {
        let places = try Places(document, form: form)
        var facts: [RevisionFact] = []
        var start = 0
        for revision in history.revisions.reversed() {
            var numbers: Set<Int> = []
            for section in revision.sections {
                for entry in try section.entries() where entry.number > 0 && entry.entry != .free {
                    numbers.insert(entry.number)
                }
            }
            let summary = facts.isEmpty ? "the document as it was first written" : places.summary(of: numbers)
            facts.append(
                RevisionFact(
                    sectionOffset: revision.sections.first?.offset ?? 0, start: start, end: revision.end,
                    objects: numbers.count, summary: summary))
            start = revision.end ?? start
        }
        return facts
    }

    /// Which object numbers mean something to a reader.
    private struct Places {
        private var signatures: [Int: String] = [:]
        private var fields: [Int: String] = [:]
        private var pages: Set<Int> = []
        private var store: Int?
        private var metadata: Int?

        init(_ document: PDFDocument, form: [FormField]) throws(PDFError) {
            for field in form {
                if let value = field.dictionary["V"]?.referenceValue, field.isSigned {
                    let dictionary = try document.resolved(field.dictionary["V"]).dictionaryValue
                    let isTimestamp = try document.resolved(dictionary?["SubFilter"]).nameValue == "ETSI.RFC3161"
                    signatures[value.number] = "\(isTimestamp ? "timestamp" : "signature") in field \(field.name)"
                }
                fields[field.reference.number] = field.name
            }
            // A page tree that cannot be walked is told elsewhere.
            pages = Set(((try? document.pages()) ?? []).compactMap { $0.reference?.number })
            store = document.catalog["DSS"]?.referenceValue?.number
            metadata = document.catalog["Metadata"]?.referenceValue?.number
        }

        func summary(of numbers: Set<Int>) -> String {
            var parts = signatures.filter { numbers.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
            if let store, numbers.contains(store) { parts.append("validation data") }
            let signed = parts.count
            let touched = fields.filter { numbers.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
            if signed == 0, !touched.isEmpty {
                parts.append(
                    "fields " + touched.prefix(5).joined(separator: ", ") + (touched.count > 5 ? " and others" : ""))
            }
            let pageCount = pages.intersection(numbers).count
            if signed == 0, pageCount > 0 { parts.append("\(pageCount) page\(pageCount == 1 ? "" : "s")") }
            if let metadata, numbers.contains(metadata) { parts.append("metadata") }
            return parts.isEmpty
                ? "\(numbers.count) object\(numbers.count == 1 ? "" : "s")" : parts.joined(separator: ", ")
        }
    }
}
