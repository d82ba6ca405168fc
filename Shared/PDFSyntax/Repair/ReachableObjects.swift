// SPDX-License-Identifier: Apache-2.0

/// The objects that a document consists of: what its catalog and description lead to, numbered anew without gaps.
struct ReachableObjects {
    /// In the order of their old numbers; the new number is the index plus one.
    let references: [PDFReference]
    private let newNumbers: [PDFReference: Int]
    let notes: [String]

    /// - Throws: `PDFError` with `damaged` when something that the document uses is lost.
    init(from roots: [PDFReference], in file: RecoveredFile) throws(PDFError) {
        var found: Set<PDFReference> = Set(roots)
        var open = roots
        var dangling: Set<PDFReference> = []
        while let reference = open.popLast() {
            guard let object = try file.object(reference) else {
                found.remove(reference)
                dangling.insert(reference)
                continue
            }
            try FileScan.check(object)
            Self.visit(object) { target in
                guard !dangling.contains(target), found.insert(target).inserted else { return }
                open.append(target)
            }
        }
        let lost = dangling.count
        if lost > 0, file.scan.isCut || file.hasLostStreams {
            throw .damaged("\(lost) objects that the document uses are missing, and the file is not whole.")
        }
        // References that lead nowhere are null by the standard (ISO 32000-2, 7.3.10).
        notes = lost == 0 ? [] : ["\(lost) references led to no object and became null."]
        references = found.sorted { ($0.number, $0.generation) < ($1.number, $1.generation) }
        newNumbers = Dictionary(uniqueKeysWithValues: references.enumerated().map { ($0.element, $0.offset + 1) })
    }

    /// The object with its references renumbered; what leads nowhere becomes null.
    func renumbered(_ object: PDFObject) -> PDFObject {
        switch object {
        case .reference(let reference): renumbered(reference).map(PDFObject.reference) ?? .null
        case .array(let elements): .array(elements.map(renumbered))
        case .dictionary(let dictionary): .dictionary(renumbered(dictionary))
        case .stream(let stream): .dictionary(renumbered(stream.dictionary))
        case .null, .bool, .integer, .real, .string, .name: object
        }
    }

    /// The same for the entries of a dictionary.
    func renumbered(_ dictionary: PDFDictionary) -> PDFDictionary {
        PDFDictionary(dictionary.entries.map { ($0.key, renumbered($0.value)) })
    }

    /// The new address; nil for an object that the document does not use.
    func renumbered(_ reference: PDFReference) -> PDFReference? {
        newNumbers[reference].map { PDFReference(number: $0) }
    }

    /// Length is left out: it is written as it is.
    private static func visit(_ object: PDFObject, _ body: (PDFReference) -> Void) {
        switch object {
        case .reference(let reference): body(reference)
        case .array(let elements): for element in elements { visit(element, body) }
        case .dictionary(let dictionary): for entry in dictionary.entries { visit(entry.value, body) }
        case .stream(let stream):
            for entry in stream.dictionary.entries where entry.key != "Length" { visit(entry.value, body) }
        case .null, .bool, .integer, .real, .string, .name: return
        }
    }
}
