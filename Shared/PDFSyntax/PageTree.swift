// SPDX-License-Identifier: Apache-2.0

/// A leaf of the page tree.
package struct PDFPage: Sendable {
    /// Where the page object is; nil for one that stands inside its parent, against the rule (7.7.3.2).
    package let reference: PDFReference?
    /// The page object itself, without what it inherits.
    package let dictionary: PDFDictionary
    /// How it is displayed.
    package let geometry: PageGeometry
}

extension PDFDocument {
    /// The page at an index from 0.
    /// - Throws: `PDFError` with `fieldOutsidePage` when there is no such page.
    package func page(at index: Int) throws(PDFError) -> PDFPage {
        guard (0..<limits.maximumPages).contains(index), let page = try pages(upTo: index + 1).dropFirst(index).first
        else {
            throw PDFError(.fieldOutsidePage, "The document has no page \(index + 1).")
        }
        return page
    }

    /// Every page in order, by a walk of the tree: a stated /Count may be wrong, and readers differ in believing it.
    package func pages() throws(PDFError) -> [PDFPage] {
        let pages = try pages(upTo: limits.maximumPages + 1)
        guard pages.count <= limits.maximumPages else {
            throw .tooComplex("The document has more than \(limits.maximumPages) pages.")
        }
        return pages
    }

    /// The number of pages, by the same walk.
    package var pageCount: Int {
        get throws(PDFError) { try pages().count }
    }

    private func pages(upTo maximum: Int) throws(PDFError) -> [PDFPage] {
        var pages: [PDFPage] = []
        var visited: Set<PDFReference> = []
        try collect(pageNode(catalog["Pages"]), InheritedAttributes(), maximum, depth: 0, &visited, &pages)
        return pages
    }

    private typealias Node = (reference: PDFReference?, dictionary: PDFDictionary)

    private func collect(
        _ node: Node, _ attributes: InheritedAttributes, _ maximum: Int, depth: Int, _ visited: inout Set<PDFReference>,
        _ pages: inout [PDFPage]
    ) throws(PDFError) {
        if let reference = node.reference { visited.insert(reference) }
        guard depth < limits.maximumNesting else {
            throw .tooComplex("The page tree is nested more than \(limits.maximumNesting) levels deep.")
        }
        var attributes = attributes
        attributes.take(from: node.dictionary)
        guard let kids = try resolved(node.dictionary["Kids"]).arrayValue else {
            throw .damaged("A page tree node has no /Kids.")
        }
        for kid in kids where pages.count < maximum {
            // A branch that leads back into the tree is passed over, as in other readers.
            if let reference = kid.referenceValue, visited.contains(reference) { continue }
            let child = try pageNode(kid)
            if isBranch(child.dictionary) {
                try collect(child, attributes, maximum, depth: depth + 1, &visited, &pages)
            } else {
                pages.append(try page(child, attributes))
            }
        }
    }

    private func isBranch(_ dictionary: PDFDictionary) -> Bool {
        dictionary["Kids"] != nil && dictionary["Type"]?.nameValue != "Page"
    }

    private func pageNode(_ object: PDFObject?) throws(PDFError) -> Node {
        guard case .dictionary(let dictionary) = try resolved(object) else {
            throw .damaged("The page tree names a page that is missing.")
        }
        return (object?.referenceValue, dictionary)
    }

    private func page(_ node: Node, _ attributes: InheritedAttributes) throws(PDFError) -> PDFPage {
        var attributes = attributes
        attributes.take(from: node.dictionary)
        // Readers agree on US Letter where the required box is missing.
        let mediaBox = try rectangle(attributes.mediaBox) ?? PDFRectangle(0, 0, 612, 792)
        let cropBox = try rectangle(attributes.cropBox)?.intersection(mediaBox) ?? mediaBox
        let rotation = try resolved(attributes.rotation).integerValue ?? 0
        let unit = try resolved(node.dictionary["UserUnit"]).numberValue ?? 1
        let geometry = PageGeometry(
            cropBox: cropBox, rotation: rotation, userUnit: unit > 0 && unit < 1_000_000 ? unit : 1)
        return PDFPage(reference: node.reference, dictionary: node.dictionary, geometry: geometry)
    }

    /// A rectangle whose array or numbers may be indirect; nil when it is none, or empty.
    package func rectangle(_ object: PDFObject?) throws(PDFError) -> PDFRectangle? {
        guard let elements = try resolved(object).arrayValue, elements.count == 4 else { return nil }
        var numbers: [Double] = []
        for element in elements {
            guard let number = try resolved(element).numberValue, abs(number) < 1e9 else { return nil }
            numbers.append(number)
        }
        let rectangle = PDFRectangle(numbers[0], numbers[1], numbers[2], numbers[3])
        return rectangle.width > 0 && rectangle.height > 0 ? rectangle : nil
    }
}

/// What pages take over from the nodes above them (ISO 32000-2, Table 31).
private struct InheritedAttributes {
    var mediaBox: PDFObject?
    var cropBox: PDFObject?
    var rotation: PDFObject?

    mutating func take(from node: PDFDictionary) {
        mediaBox = node["MediaBox"] ?? mediaBox
        cropBox = node["CropBox"] ?? cropBox
        rotation = node["Rotate"] ?? rotation
    }
}
