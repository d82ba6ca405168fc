// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Trailer, catalog and metadata.
extension RevisionComparison {
    /// Entries of a trailer that describe the section itself (Tables 15 and 17).
    private static let sectionKeys: Set<String> = [
        "Size", "Prev", "XRefStm", "ID", "Type", "W", "Index", "Length", "Filter", "DecodeParms",
    ]
    static let upkeepWhy = "Validation data, timestamps and what declares them may be added."

    mutating func compareTrailers() throws(PDFError) {
        try compareRoots()
        for key in ObjectComparison.differences(old.trailer, new.trailer) where !Self.sectionKeys.contains(key) {
            switch key {
            case "Root": break
            case "Encrypt":
                note(nil, "the encryption was changed", .forbidden(why: Self.unexplainedWhy))
            case "Info":
                let kind = ChangeKind.upkeep(why: "Document properties may be updated.")
                note(nil, "document information was changed", kind)
                claim(new.trailer["Info"], "document information was added", kind)
            default:
                let kind = ChangeKind.neutral(why: "No reader uses it.")
                note(nil, "the entry /\(key.prefix(40)) differs", kind)
            }
        }
    }

    /// The catalog may be written under a number that was free, and is compared with the old one as if in its place.
    private mutating func compareRoots() throws(PDFError) {
        guard old.trailer["Root"] != new.trailer["Root"] else { return }
        guard let root = new.trailer["Root"]?.referenceValue, isNew(root), let before = old.trailer["Root"] else {
            return note(nil, "names another catalog", .forbidden(why: "The document was replaced by another one."))
        }
        explain(root.number)
        note(root.number, "the catalog got another number", .neutral(why: "What it holds is judged piece by piece."))
        try compareCatalogs(root.number, old.resolved(before), new.object(root))
    }

    mutating func compareCatalogs(_ number: Int, _ before: PDFObject, _ after: PDFObject) throws(PDFError) {
        guard case .dictionary(let before) = before, case .dictionary(let after) = after else {
            return note(number, "the document catalog was replaced", .forbidden(why: Self.unexplainedWhy))
        }
        for key in ObjectComparison.differences(before, after) {
            switch key {
            case "AcroForm":
                try compareForms(number, before[key] ?? .null, after[key] ?? .null)
                explainContainer(after[key], "the form was written anew")
            case "DSS": try compareSecurityStores(number, before[key], after[key])
            case "Metadata":
                try compareMetadata(number, after[key] ?? .null)
                claim(after[key], "metadata were added", .upkeep(why: "Metadata may be updated."))
            case "Extensions", "MarkInfo":
                try compareDeclarations(number, new.resolved(after[key]))
                claim(after[key], "/\(key) was added", .upkeep(why: Self.upkeepWhy))
            case "Version": compareVersions(number, before[key], after[key])
            default:
                if try isUnchanged(key, before, after) { continue }
                note(
                    number, "the catalog's /\(key.prefix(40)) was changed: \(DocumentPart(catalogKey: key).rawValue)",
                    .forbidden(why: "No signature allows that to change."))
            }
        }
    }

    private mutating func compareVersions(_ number: Int, _ before: PDFObject?, _ after: PDFObject?) {
        guard let version = after?.nameValue, version >= before?.nameValue ?? "" else {
            return note(number, "the version was lowered", .forbidden(why: Self.unexplainedWhy))
        }
        note(number, "the version was raised to \(version.prefix(10))", .upkeep(why: Self.upkeepWhy))
    }

    /// `/Extensions` and `/MarkInfo` name features; they show nothing.
    mutating func compareDeclarations(_ number: Int, _ after: PDFObject) throws(PDFError) {
        guard case .dictionary(let dictionary) = after, dictionary.entries.allSatisfy({ isDeclaration($0.value) })
        else { return note(number, "a declaration was replaced", .forbidden(why: Self.unexplainedWhy)) }
        note(number, "declared features were updated", .upkeep(why: Self.upkeepWhy))
    }

    private func isDeclaration(_ value: PDFObject) -> Bool {
        if case .stream = value { return false }
        return true
    }

    // MARK: Metadata

    mutating func compareMetadata(_ number: Int, _ after: PDFObject) throws(PDFError) {
        if after == .null {
            return note(number, "metadata were removed", .forbidden(why: Self.unexplainedWhy))
        }
        guard case .stream(let stream) = try new.resolved(after), isXMP(try new.data(of: stream)) else {
            return note(
                number, "metadata were replaced by something else",
                .forbidden(why: "What replaced them is no XMP (ISO 16684-1)."))
        }
        note(number, "metadata were updated", .upkeep(why: "Metadata may be updated."))
    }

    /// Whether bytes look like an XMP packet; nothing of it is shown, so its content is not judged.
    private func isXMP(_ data: [UInt8]) -> Bool {
        // UTF-16 and UTF-32 packets are read without their zero bytes.
        let text = data.prefix(4_096).filter { $0 != 0 }
        return ["<x:xmpmeta", "<rdf:RDF", "<?xpacket"].contains { mark in
            text.count >= mark.utf8.count
                && text.indices.contains { text[$0...].starts(with: mark.utf8) }
        }
    }
}
