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
    /// The page at an index from 0; what follows it is not read.
    /// - Throws: `PDFError` with `fieldOutsidePage` when there is no such page, with `damaged` when there is none at all.
    package func page(at index: Int) throws(PDFError) -> PDFPage {
        var walk = PageWalk(document: self, skipping: index)
        guard (0..<limits.maximumPages).contains(index), let page = try walk.pages(upTo: 1).first else {
            if index == 0 { throw .damaged("The document has no pages.") }
            throw PDFError(.fieldOutsidePage, "The document has no page \(index + 1).")
        }
        return page
    }

    /// Every page in order, by a walk of the tree: a stated /Count may be wrong, and readers differ in believing it.
    package func pages() throws(PDFError) -> [PDFPage] {
        var walk = PageWalk(document: self, skipping: 0)
        let pages = try walk.pages(upTo: limits.maximumPages + 1)
        guard pages.count <= limits.maximumPages else {
            throw .tooComplex("The document has more than \(limits.maximumPages) pages.")
        }
        return pages
    }

    /// The number of pages, by the same walk.
    package var pageCount: Int {
        get throws(PDFError) { try pages().count }
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

/// One walk of the page tree, in order, that ends as soon as it has what was asked for.
private struct PageWalk {
    private typealias Node = (reference: PDFReference?, dictionary: PDFDictionary)

    private let document: PDFDocument
    /// Pages to pass over before the first that is wanted.
    private var toSkip: Int
    private var visited: Set<PDFReference> = []
    private var found: [PDFPage] = []
    private var held: HeldValues

    init(document: PDFDocument, skipping: Int) {
        self.document = document
        toSkip = skipping
        held = HeldValues(limits: document.limits)
    }

    mutating func pages(upTo maximum: Int) throws(PDFError) -> [PDFPage] {
        guard let root = try node(document.catalog["Pages"]) else {
            throw .damaged("The document catalog names no page tree.")
        }
        try visit(root, InheritedAttributes(), depth: 0, maximum)
        return found
    }

    private mutating func visit(
        _ node: Node, _ inherited: InheritedAttributes, depth: Int, _ maximum: Int
    ) throws(PDFError) {
        guard let entry = node.dictionary["Kids"], node.dictionary["Type"]?.nameValue != "Page" else {
            guard toSkip == 0 else { return toSkip -= 1 }
            try held.add(node.dictionary)
            return found.append(try page(node, inherited))
        }
        guard depth < document.limits.maximumNesting else {
            throw .tooComplex("The page tree is nested more than \(document.limits.maximumNesting) levels deep.")
        }
        guard let kids = try document.resolved(entry).arrayValue else {
            throw .damaged("The /Kids of a page tree node are not an array.")
        }
        if let reference = node.reference { visited.insert(reference) }
        var inherited = inherited
        inherited.take(from: node.dictionary)
        for kid in kids {
            // A branch that leads back into the tree is passed over, as in other readers.
            if let reference = kid.referenceValue, visited.contains(reference) { continue }
            guard let child = try self.node(kid) else { continue }
            try visit(child, inherited, depth: depth + 1, maximum)
            if found.count >= maximum { return }
        }
    }

    /// Nil for what is no dictionary; other readers pass over such a kid.
    private func node(_ object: PDFObject?) throws(PDFError) -> Node? {
        guard case .dictionary(let dictionary) = try document.resolved(object) else { return nil }
        return (object?.referenceValue, dictionary)
    }

    private func page(_ node: Node, _ inherited: InheritedAttributes) throws(PDFError) -> PDFPage {
        var attributes = inherited
        attributes.take(from: node.dictionary)
        // Readers agree on US Letter where the required box is missing.
        let mediaBox = try document.rectangle(attributes.mediaBox) ?? PDFRectangle(0, 0, 612, 792)
        let cropBox = try document.rectangle(attributes.cropBox)?.intersection(mediaBox) ?? mediaBox
        let rotation = try document.resolved(attributes.rotation).integerValue ?? 0
        let unit = try document.resolved(node.dictionary["UserUnit"]).numberValue ?? 1
        let geometry = PageGeometry(
            cropBox: cropBox, rotation: rotation, userUnit: unit > 0 && unit < 1_000_000 ? unit : 1)
        return PDFPage(reference: node.reference, dictionary: node.dictionary, geometry: geometry)
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
