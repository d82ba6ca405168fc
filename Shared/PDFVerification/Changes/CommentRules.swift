// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Which annotations a certification of level 3 lets in.
///
/// The standard allows them all (12.8.2.2.2); but free text, stamps, redactions and appearances with text or pictures
/// look like page content, and certified documents were forged with them. So only markup and notes pass.
struct CommentRules {
    private static let harmless: Set<String> = [
        "Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret",
    ]
    private static let actionKeys = ["A", "AA", "PA", "OC", "Dest"]
    private static let nestedForms = 8

    let document: PDFDocument

    func kind(of annotation: PDFDictionary) throws(PDFError) -> ChangeKind {
        let subtype = try document.resolved(annotation["Subtype"]).nameValue ?? "?"
        guard Self.harmless.contains(subtype) else {
            return .forbidden(why: "An annotation of type \(subtype.prefix(40)) can pass for page content.")
        }
        guard Self.actionKeys.allSatisfy({ annotation[$0] == nil }) else {
            return .forbidden(why: "An annotation with actions or optional content is no mere comment.")
        }
        guard case .dictionary(let appearances) = try document.resolved(annotation["AP"]) else {
            return .comment(why: RevisionComparison.commentWhy)
        }
        for entry in appearances.entries {
            var forms: [PDFObject] = [entry.value]
            if case .dictionary(let states) = try document.resolved(entry.value) { forms = states.entries.map(\.value) }
            for form in forms where try !isPlain(form, depth: 0) {
                return .forbidden(why: "The appearance of an annotation shows text or pictures of its own.")
            }
        }
        return .comment(why: RevisionComparison.commentWhy)
    }

    /// Whether a form only draws lines and areas; one that cannot be decoded is not plain.
    private func isPlain(_ form: PDFObject, depth: Int) throws(PDFError) -> Bool {
        switch try document.resolved(form) {
        case .null: return true
        case .stream(let stream):
            guard depth < Self.nestedForms, try document.resolved(stream.dictionary["Subtype"]).nameValue == "Form",
                let data = try? document.data(of: stream), !hasText(data)
            else { return false }
            let resources = try document.resolved(stream.dictionary["Resources"]).dictionaryValue
            let nested = try document.resolved(resources?["XObject"]).dictionaryValue ?? PDFDictionary()
            for entry in nested.entries where try !isPlain(entry.value, depth: depth + 1) { return false }
            return true
        default: return false
        }
    }

    /// Whether a content stream begins text or an inline image; a false alarm is better than none.
    private func hasText(_ data: [UInt8]) -> Bool {
        data.split(whereSeparator: { !(65...90).contains($0) && !(97...122).contains($0) && $0 != 0x2A }).contains {
            $0.elementsEqual("BT".utf8) || $0.elementsEqual("BI".utf8)
        }
    }
}
