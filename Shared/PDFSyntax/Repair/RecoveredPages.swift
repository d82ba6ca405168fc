// SPDX-License-Identifier: Apache-2.0

/// Decides whether what was found is still the document: every page with its content, or none of it.
struct RecoveredPages {
    private let file: RecoveredFile
    private var visited: Set<PDFReference> = []
    private var count = 0

    /// - Throws: `PDFError` with `damaged` naming the first page that is not whole.
    static func check(_ catalog: PDFDictionary, in file: RecoveredFile) throws(PDFError) {
        guard case .dictionary(let root) = try file.resolved(catalog["Pages"]) else {
            throw .damaged("The page tree of the document is missing.")
        }
        var walk = RecoveredPages(file: file)
        if let reference = catalog["Pages"]?.referenceValue { walk.visited.insert(reference) }
        try walk.collect(root, resources: nil, depth: 0)
        guard walk.count > 0 else { throw .damaged("The document has no pages.") }
    }

    private init(file: RecoveredFile) { self.file = file }

    private mutating func collect(_ node: PDFDictionary, resources: PDFObject?, depth: Int) throws(PDFError) {
        guard depth < file.limits.maximumNesting else {
            throw .tooComplex("The page tree is nested more than \(file.limits.maximumNesting) levels deep.")
        }
        let resources = node["Resources"] ?? resources
        guard let kids = try file.resolved(node["Kids"]).arrayValue else {
            throw .damaged("A page tree node has no /Kids.")
        }
        for kid in kids {
            // A branch that leads back into the tree is passed over, as by every reader.
            if let reference = kid.referenceValue, visited.contains(reference) { continue }
            guard case .dictionary(let child) = try file.resolved(kid) else {
                throw .damaged("Page \(count + 1) of the document is missing.")
            }
            if child["Kids"] != nil, child["Type"]?.nameValue != "Page" {
                if let reference = kid.referenceValue { visited.insert(reference) }
                try collect(child, resources: resources, depth: depth + 1)
            } else {
                try checkPage(child, resources: child["Resources"] ?? resources)
            }
        }
    }

    private mutating func checkPage(_ page: PDFDictionary, resources: PDFObject?) throws(PDFError) {
        count += 1
        guard count <= file.limits.maximumPages else {
            throw .tooComplex("The document has more than \(file.limits.maximumPages) pages.")
        }
        var parts: [PDFObject] = []
        switch try file.resolved(page["Contents"]) {
        case .array(let streams): parts = streams
        case .null where page["Contents"]?.referenceValue == nil: break
        default: parts = [page["Contents"] ?? .null]
        }
        for part in parts {
            guard case .stream = try file.resolved(part) else { throw missing("content") }
        }
        if resources?.referenceValue != nil {
            guard case .dictionary = try file.resolved(resources) else { throw missing("list of resources") }
        }
        for kind in ["Font", "XObject"] {
            let names = try file.resolved(file.resolved(resources).dictionaryValue?[kind]).dictionaryValue
            for (_, value) in names?.entries ?? [] where value.referenceValue != nil {
                guard try file.resolved(value).dictionaryValue != nil else {
                    throw missing(kind == "Font" ? "font" : "image or form")
                }
            }
        }
    }

    private func missing(_ what: String) -> PDFError {
        .damaged("The \(what) of page \(count) is missing from the file, so the document cannot be repaired.")
    }
}
