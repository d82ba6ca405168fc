// SPDX-License-Identifier: Apache-2.0

/// Where the content of a damaged document begins: its catalog and its description.
struct RecoveredRoots {
    /// The catalog; nil when it was lost and is made anew around the page tree.
    let catalog: PDFReference?
    /// The only page tree, when there is no catalog.
    let pages: PDFReference?
    /// `/Info` of the trailer.
    let information: PDFReference?
    /// The first string of the trailer's `/ID`.
    let identifier: [UInt8]?
    let note: String?

    /// - Throws: `PDFError` with `damaged` when nothing in the file says what the document is.
    init(_ file: RecoveredFile) throws(PDFError) {
        let trailers = file.scan.trailers
        let named = try Self.last(trailers) { trailer throws(PDFError) -> PDFReference? in
            guard let root = trailer["Root"]?.referenceValue, try Self.isDictionary(root, file) else { return nil }
            return root
        }
        information = try Self.last(trailers) { trailer throws(PDFError) -> PDFReference? in
            guard let reference = trailer["Info"]?.referenceValue, file.readableDictionary(reference) != nil else {
                return nil
            }
            return reference
        }
        identifier = try Self.last(trailers) { trailer throws(PDFError) -> [UInt8]? in
            guard let first = trailer["ID"]?.arrayValue?.first?.stringValue, !first.isEmpty else { return nil }
            return first
        }
        if let named {
            (catalog, pages, note) = (named, nil, nil)
            return
        }
        let found = try Self.search(file)
        // What a lost catalog said besides is lost as well, unless there never was one.
        guard found.catalog != nil || (found.pages.count == 1 && !file.scan.isCut) else {
            throw .damaged("The document has no catalog and no single page tree, so nothing says what belongs to it.")
        }
        catalog = found.catalog
        pages = found.catalog == nil ? found.pages[0] : nil
        note =
            found.catalog == nil
            ? "The catalog was lost and made anew around the page tree."
            : "No trailer names the catalog; the last one in the file was taken."
    }

    private static func last<Value>(
        _ trailers: [PDFDictionary], _ value: (PDFDictionary) throws(PDFError) -> Value?
    ) throws(PDFError) -> Value? {
        for trailer in trailers.reversed() {
            if let found = try value(trailer) { return found }
        }
        return nil
    }

    private static func isDictionary(_ reference: PDFReference, _ file: RecoveredFile) throws(PDFError) -> Bool {
        if case .dictionary = try file.object(reference) { true } else { false }
    }

    /// The last catalog in the file, and all roots of page trees.
    private static func search(_ file: RecoveredFile) throws(PDFError) -> (
        catalog: PDFReference?, pages: [PDFReference]
    ) {
        var catalog: (position: Int, reference: PDFReference)?
        var pages: [PDFReference] = []
        for (number, object) in file.scan.objects {
            let reference = PDFReference(number: number, generation: object.generation)
            // What cannot be read is no candidate; whether it is missed shows later.
            guard let dictionary = file.readableDictionary(reference) else { continue }
            switch dictionary["Type"]?.nameValue {
            case "Catalog" where object.position > catalog?.position ?? -1: catalog = (object.position, reference)
            case "Pages" where dictionary["Parent"] == nil: pages.append(reference)
            default: continue
            }
        }
        return (catalog?.reference, pages)
    }
}
