// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The form dictionary, its lists of fields and new fields (ISO 32000-2, 12.7.3 and 12.8.2.2).
extension RevisionComparison {
    mutating func compareForms(_ number: Int, _ before: PDFObject, _ after: PDFObject) throws(PDFError) {
        let earlier = try old.resolved(before)
        let later = try new.resolved(after)
        guard earlier == .null || earlier.dictionaryValue != nil, case .dictionary(let after) = later else {
            return note(number, "the form was removed or replaced", .forbidden(why: Self.unexplainedWhy))
        }
        let before = earlier.dictionaryValue ?? PDFDictionary()
        for key in ObjectComparison.differences(before, after) {
            let (left, right) = (before[key] ?? .null, after[key] ?? .null)
            switch key {
            case "Fields":
                try compareFieldLists(of: nil, in: number, left, right)
                explainContainer(right, "the list of fields was written anew")
            case "SigFlags":
                let flags = (try old.resolved(left).integerValue ?? 0, try new.resolved(right).integerValue ?? 0)
                note(
                    number, "signature flags were set",
                    flags.0 & ~flags.1 == 0
                        ? .upkeep(why: "They only say that there are signatures.")
                        : .forbidden(
                            why: "A signed document may not deny its signatures."))
            case "DR":
                try compareDefaultResources(number, left, right)
            case "DA", "Q":
                noteDefaults(number, key)
            case "NeedAppearances":
                try compareRegeneration(number, left, right)
            default:
                if try isUnchanged(key, before, after) { continue }
                note(
                    number, "the form's /\(key.prefix(40)) was changed",
                    .forbidden(why: "The form's definition may not change."))
            }
        }
    }

    /// Viewers that draw fields themselves use what the form says of fonts and size.
    private var viewersDrawFields: Bool {
        let form = (try? old.resolved(old.catalog["AcroForm"]))?.dictionaryValue
        return form?["NeedAppearances"] == .bool(true) && hasValues
    }

    private var hasValues: Bool {
        oldFields.nodes.values.contains { !$0.isSignature && $0.value != nil && $0.value != .null }
    }

    private mutating func noteDefaults(_ number: Int, _ key: String) {
        note(
            number, "the form's default /\(key) was changed",
            viewersDrawFields
                ? .forbidden(why: "Viewers draw this document's fields with it.")
                : .upkeep(why: "Only fields filled from now on use it."))
    }

    /// `/NeedAppearances` makes viewers draw values instead of the signed appearances, and these may differ.
    private mutating func compareRegeneration(
        _ number: Int, _ before: PDFObject, _ after: PDFObject
    ) throws(PDFError) {
        let isSet = try new.resolved(after) == .bool(true)
        note(
            number, "/NeedAppearances was \(isSet ? "set" : "unset")",
            isSet && hasValues
                ? .forbidden(why: "It makes viewers replace the appearances that were signed.")
                : .upkeep(why: "The signed appearances stay."))
    }

    mutating func compareDefaultResources(
        _ number: Int, _ before: PDFObject, _ after: PDFObject
    ) throws(PDFError) {
        guard try new.resolved(after).dictionaryValue != nil else {
            return note(number, "the form's resources were removed", .forbidden(why: Self.unexplainedWhy))
        }
        let kind: ChangeKind =
            viewersDrawFields
            ? .forbidden(why: "Viewers draw this document's fields with them.")
            : .upkeep(why: "Only fields filled from now on use them.")
        note(number, "the form's resources were changed", kind)
        claim(after, "a resource of the form was added", kind)
    }

    // MARK: Lists of fields

    mutating func compareFieldLists(
        of parent: Int?, in number: Int, _ before: PDFObject, _ after: PDFObject
    ) throws(PDFError) {
        let earlier = try old.resolved(before).arrayValue ?? []
        let later = try new.resolved(after).arrayValue ?? []
        let (had, has) = (Set(earlier.compactMap(\.referenceValue)), Set(later.compactMap(\.referenceValue)))
        for removed in earlier.compactMap(\.referenceValue) where !has.contains(removed) {
            // A reference to nothing is no field.
            guard try old.object(removed) != .null else { continue }
            note(removed.number, "a form field was removed", .forbidden(why: "Fields stay where they were signed."))
        }
        guard later.count == has.count || later.count == earlier.count else {
            return note(
                number, "a field was listed twice", .forbidden(why: "Readers differ in what they make of it."))
        }
        for added in later.compactMap(\.referenceValue) where !had.contains(added) {
            try judgeNewField(added, under: parent)
        }
    }

    private mutating func judgeNewField(_ reference: PDFReference, under parent: Int?) throws(PDFError) {
        guard parent == nil, isNew(reference), let node = newFields.nodes[reference.number], node.isSignature,
            node.isField
        else {
            return note(
                reference.number, "a form field was added",
                .forbidden(why: "Only signature fields may be added after signing, as new objects of their own."))
        }
        let name = node.name.prefix(80)
        if oldFields.names.contains(node.name) {
            return note(
                node.number, "a second field was named \(name)",
                .forbidden(why: "Readers differ in which of two fields of one name they show."))
        }
        let parts = newFields.kids(of: node.number) + [node]
        var isVisible = false
        for part in parts where !isVisible { isVisible = try part.isVisible(in: new) }
        for part in parts where !isPlain(part, of: node) {
            return note(
                part.number, "the field \(name) was added with more than a signature needs",
                .forbidden(why: "A signature field has no actions, no optional content and no fields below it."))
        }
        let kind = ChangeKind.newField(name: node.name, isVisible: isVisible)
        if node.isSigned { try judgeSigning(node, isVisible: isVisible) }
        for part in parts {
            note(part.number, "the signature field \(name) was added", kind)
            explain(part.number)
        }
        for part in parts {
            for entry in part.dictionary.entries where !["V", "P", "Parent"].contains(entry.key) {
                claim(entry.value, "belongs to the signature field \(name)", kind)
            }
        }
    }

    /// Whether a part of a new field only shows it.
    private func isPlain(_ part: FieldTable.Node, of field: FieldTable.Node) -> Bool {
        guard ["A", "AA", "PA", "OC"].allSatisfy({ part.dictionary[$0] == nil }) else { return false }
        return part.number == field.number || (isNew(PDFReference(number: part.number)) && !part.isField)
    }

    /// A signature came into a field that had none.
    mutating func judgeSigning(_ node: FieldTable.Node, isVisible: Bool) throws(PDFError) {
        guard let value = node.value?.referenceValue, isNew(value),
            case .dictionary(let signature) = try new.object(value),
            try new.resolved(signature["ByteRange"]).arrayValue != nil, signature["Contents"]?.stringValue != nil
        else {
            return note(
                node.number, "the field \(node.name.prefix(80)) got a value that is no signature of its own",
                .forbidden(why: "A signature is a new object with /ByteRange and /Contents."))
        }
        let isTimestamp = try new.resolved(signature["Type"]).nameValue == "DocTimeStamp"
        let kind: ChangeKind =
            isTimestamp && !isVisible
            ? .upkeep(why: "Document timestamps may be added.") : .signing(field: node.name)
        let what = isTimestamp ? "a document timestamp was added" : "a signature was added"
        note(node.number, "\(what) in the field \(node.name.prefix(80))", kind)
        claim(node.value, what, kind)
    }
}
