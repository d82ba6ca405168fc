// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The fields and widgets of a form by object number, with what they inherit (ISO 32000-2, 12.7.4).
struct FieldTable {
    struct Node {
        let number: Int
        /// The full name; that of the field for a widget.
        let name: String
        let type: String?
        let parent: Int?
        let dictionary: PDFDictionary
        /// The value as written here or above.
        let value: PDFObject?
        /// Has a name of its own, so it is a field and no mere widget.
        let isField: Bool
    }

    /// Twenty thousand fields with names of this length still fit the memory of a verifier.
    private static let maximumNameBytes = 1_024

    /// Values and bytes of strings in all fields.
    private static let maximumWeight = 64 << 20

    private(set) var nodes: [Int: Node] = [:]
    /// The full names of all fields.
    private(set) var names: Set<String> = []
    private var kids: [Int: [Int]] = [:]
    /// Why the form cannot be judged: a node that two parents claim, or one that is no object of its own.
    private(set) var problem: String?

    /// - Throws: `PDFError` where a field cannot be parsed, or the form is larger than the limits.
    init(_ document: PDFDocument) throws(PDFError) {
        guard case .dictionary(let form) = try document.resolved(document.catalog["AcroForm"]) else { return }
        var weight = 0
        var open: [(object: PDFObject, parent: Node?, depth: Int)] =
            try Self.elements(form["Fields"], document).reversed().map { ($0, nil, 0) }
        while let next = open.popLast() {
            guard let reference = next.object.referenceValue else {
                if next.object != .null { problem = "A field of the form is no object of its own." }
                continue
            }
            guard next.depth < document.limits.maximumNesting, nodes.count < document.limits.maximumFields,
                weight <= Self.maximumWeight
            else {
                throw PDFError(.tooComplex, "The form has too many fields, or too many levels of them.")
            }
            let object = try document.object(reference)
            weight += ObjectComparison.weight(of: object)
            guard case .dictionary(let dictionary) = object else { continue }
            guard nodes[reference.number] == nil else {
                problem = "Field \(reference.number) 0 R stands in the form twice."
                continue
            }
            let node = try Self.node(reference.number, dictionary, under: next.parent, document)
            nodes[reference.number] = node
            if node.isField { names.insert(node.name) }
            if let parent = node.parent { kids[parent, default: []].append(node.number) }
            for kid in try Self.elements(dictionary["Kids"], document).reversed() {
                open.append((kid, node, next.depth + 1))
            }
        }
    }

    /// Fields and widgets right below a field.
    func kids(of number: Int) -> [Node] {
        (kids[number] ?? []).compactMap { nodes[$0] }
    }

    private static func node(
        _ number: Int, _ dictionary: PDFDictionary, under parent: Node?, _ document: PDFDocument
    ) throws(PDFError) -> Node {
        let title = try document.resolved(dictionary["T"]).stringValue.map(PDFSerializer.text(of:))
        let name = [parent?.name, title].compactMap(\.self).joined(separator: ".")
        guard name.utf8.count <= maximumNameBytes else {
            throw PDFError(.tooComplex, "The name of a field has more than \(maximumNameBytes) bytes.")
        }
        return Node(
            number: number, name: name,
            type: try document.resolved(dictionary["FT"]).nameValue ?? parent?.type, parent: parent?.number,
            dictionary: dictionary, value: dictionary["V"] ?? parent?.value, isField: title != nil || parent == nil)
    }

    private static func elements(_ object: PDFObject?, _ document: PDFDocument) throws(PDFError) -> [PDFObject] {
        try document.resolved(object).arrayValue ?? []
    }
}

extension FieldTable.Node {
    var isSignature: Bool { type == "Sig" }

    var isSigned: Bool {
        guard isSignature, let value else { return false }
        return value != .null
    }

    /// Takes up room on a page; a flag that hides it can be taken away when it is signed.
    func isVisible(in document: PDFDocument) throws(PDFError) -> Bool {
        let rectangle = try document.resolved(dictionary["Rect"])
        guard rectangle != .null else { return false }
        var corners: [Double] = []
        for element in rectangle.arrayValue ?? [] {
            guard let number = try document.resolved(element).numberValue else { return true }
            corners.append(number)
        }
        // Readers differ in what they make of any other number of corners.
        return corners.count != 4 || (corners[0] != corners[2] && corners[1] != corners[3])
    }
}
