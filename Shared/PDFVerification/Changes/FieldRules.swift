// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Fields that were in the signed document, and their appearances (ISO 32000-2, 12.7.4 and 12.8.2.2).
extension RevisionComparison {
    private static let signingKeys: Set<String> = ["V", "AP", "AS", "F", "Ff", "DA", "Q", "MK", "M", "P", "Type"]
    private static let fillingKeys: Set<String> = [
        "V", "AP", "AS", "I", "RV", "TI", "DA", "Q", "F", "Ff", "M", "Type",
    ]
    /// Invisible, Hidden, Print, NoZoom, NoRotate, NoView and ToggleNoView (Table 167).
    private static let displayFlags = 1 | 2 | 4 | 8 | 16 | 32 | 256
    /// ReadOnly, Required and NoExport (Table 227); the other flags change what a field is.
    private static let plainFieldFlags = 7

    mutating func compareFields(_ number: Int) throws(PDFError) {
        guard let before = oldFields.nodes[number] else {
            return note(
                number, "a form field was defined where the signed document left it open",
                .forbidden(why: Self.unexplainedWhy))
        }
        guard let after = newFields.nodes[number], after.name == before.name, after.type == before.type,
            after.parent == before.parent
        else {
            return note(
                number, "the field \(before.name.prefix(80)) got another name, type or parent, or was taken out",
                .forbidden(why: "Fields stay what they were when signed."))
        }
        var keys: [String] = []
        for key in ObjectComparison.differences(before.dictionary, after.dictionary) {
            if try !isUnchanged(key, before.dictionary, after.dictionary) { keys.append(key) }
        }
        if keys.isEmpty { return note(number, "was written again", .neutral(why: "Nothing about it changed.")) }
        if try !checkFlags(before, after, keys) { return }
        if before.isSignature {
            try compareSignatureField(before, after, keys)
        } else {
            try compareFilledField(before, after, keys)
        }
    }

    /// Flags that show or hide a field, or make it another kind of field, stay.
    private mutating func checkFlags(
        _ before: FieldTable.Node, _ after: FieldTable.Node, _ keys: [String]
    ) throws(PDFError) -> Bool {
        let isBeingSigned = after.isSigned && !before.isSigned
        for (key, plain) in [("F", ~Self.displayFlags), ("Ff", Self.plainFieldFlags)] where keys.contains(key) {
            let left = try old.resolved(before.dictionary[key]).integerValue ?? 0
            let right = try new.resolved(after.dictionary[key])
            guard let flags = right == .null ? 0 : right.integerValue, (left ^ flags) & ~plain == 0 || isBeingSigned
            else {
                note(
                    before.number, "the flags of the field \(before.name.prefix(80)) were changed",
                    .forbidden(why: "Hiding or showing a field changes what was signed."))
                return false
            }
        }
        return true
    }

    private mutating func compareSignatureField(
        _ before: FieldTable.Node, _ after: FieldTable.Node, _ keys: [String]
    ) throws(PDFError) {
        let number = before.number
        let name = before.name.prefix(80)
        guard !before.isSigned, after.isSigned else {
            guard Set(keys).isSubset(of: ["Ff", "F", "Type", "M"]) else {
                return note(
                    number, "the \(before.isSigned ? "signed" : "empty") signature field \(name) was changed",
                    .forbidden(why: "Only signing changes a signature field."))
            }
            return note(number, "the signature field \(name) was made read-only", .upkeep(why: "It shows the same."))
        }
        if let key = keys.first(where: { !Self.signingKeys.contains($0) }) {
            return note(
                number, "the /\(key.prefix(40)) of the signature field \(name) was changed",
                .forbidden(why: "Signing does not change it."))
        }
        let isVisible = try after.isVisible(in: new)
        try judgeSigning(after, isVisible: isVisible)
        try judgeNewAppearance(before, after, keys)
        for key in ["MK", "M"] { claimEntry(after, key) }
    }

    private mutating func compareFilledField(
        _ before: FieldTable.Node, _ after: FieldTable.Node, _ keys: [String]
    ) throws(PDFError) {
        let name = before.name.prefix(80)
        if let key = keys.first(where: { !Self.fillingKeys.contains($0) }) {
            return note(
                before.number, "the /\(key.prefix(40)) of the field \(name) was changed",
                .forbidden(why: "Filling in a field changes its value and appearance, nothing else."))
        }
        if Set(keys).isSubset(of: ["Ff", "F", "Type", "M"]) {
            return note(before.number, "the field \(name) was made read-only", .upkeep(why: "It shows the same."))
        }
        guard try hasNewValue(before, after) else {
            return note(
                before.number, "the look of the field \(name) was changed, and not its value",
                .forbidden(why: "What a field shows may change only with its value."))
        }
        note(before.number, "the field \(name) was filled in", .filling(field: before.name))
        try judgeNewAppearance(before, after, keys)
        for key in ["V", "RV"] { claimEntry(after, key) }
    }

    private mutating func claimEntry(_ node: FieldTable.Node, _ key: String) {
        claim(
            node.dictionary[key], "belongs to the field \(node.name.prefix(80))",
            node.isSignature ? .signing(field: node.name) : .filling(field: node.name))
    }

    /// The value itself, or for a button the state that it shows.
    private func hasNewValue(_ before: FieldTable.Node, _ after: FieldTable.Node) throws(PDFError) -> Bool {
        if try !isSameValue(old.resolved(before.value), new.resolved(after.value)) { return true }
        if before.type == "Ch", !ObjectComparison.isSame(before.dictionary["I"], after.dictionary["I"]) { return true }
        guard before.type == "Btn" else { return false }
        return !ObjectComparison.isSame(before.dictionary["AS"], after.dictionary["AS"])
            && ObjectComparison.isSame(before.dictionary["AP"], after.dictionary["AP"])
    }

    /// No value is as good as an empty one.
    private func isSameValue(_ before: PDFObject, _ after: PDFObject) -> Bool {
        if case .stream = after { return false }
        let empty: [PDFObject] = [.null, .string([]), .array([])]
        if empty.contains(before), empty.contains(after) { return true }
        return ObjectComparison.isSame(before, after)
    }

    // MARK: Appearances

    /// A field may point at another appearance when the one it had belongs to it alone.
    private mutating func judgeNewAppearance(
        _ before: FieldTable.Node, _ after: FieldTable.Node, _ keys: [String]
    ) throws(PDFError) {
        let number = before.number
        let kind: ChangeKind = before.isSignature ? .signing(field: before.name) : .filling(field: before.name)
        guard keys.contains("AP") else { return }
        guard case .dictionary(let appearances) = try new.resolved(after.dictionary["AP"]) else {
            return note(
                number, "the appearance of the field \(before.name.prefix(80)) was removed",
                .forbidden(why: "A field keeps an appearance."))
        }
        guard appearances.entries.allSatisfy({ ["N", "R", "D"].contains($0.key) }) else {
            return note(
                number, "the appearance of the field \(before.name.prefix(80)) has unknown entries",
                .forbidden(why: Self.unexplainedWhy))
        }
        if let shared = before.dictionary["AP"]?.referenceValue?.number,
            !roles[shared, default: []].isSubset(of: [.appearance(field: number)])
        {
            return note(
                shared, "the appearance of the field \(before.name.prefix(80)) also serves something else",
                .forbidden(why: "What else uses it would change with it."))
        }
        claim(after.dictionary["AP"], "is the appearance of the field \(before.name.prefix(80))", kind)
    }

    /// An appearance that was written anew under its own number.
    mutating func compareAppearance(_ number: Int, of field: Int, _ after: PDFObject) throws(PDFError) {
        guard let before = oldFields.nodes[field], let node = newFields.nodes[field], after != .null else {
            return note(number, "the appearance of a field was removed", .forbidden(why: Self.unexplainedWhy))
        }
        let isFilled = try before.isSignature ? !before.isSigned && node.isSigned : hasNewValue(before, node)
        guard isFilled else {
            return note(
                number, "the look of the field \(before.name.prefix(80)) was changed, and not its value",
                .forbidden(why: "What a field shows may change only with its value."))
        }
        let kind: ChangeKind = before.isSignature ? .signing(field: before.name) : .filling(field: before.name)
        let what = "is the appearance of the field \(before.name.prefix(80))"
        note(number, what, kind)
        claim(after, what, kind)
    }

    /// A value that is an object of its own and was written anew.
    mutating func compareValue(_ number: Int, of field: Int, _ after: PDFObject) {
        guard let node = newFields.nodes[field], after != .null else {
            return note(number, "the value of a field was removed", .forbidden(why: Self.unexplainedWhy))
        }
        let what = "is the value of the field \(node.name.prefix(80))"
        note(number, what, .filling(field: node.name))
        claim(after, what, .filling(field: node.name))
    }
}
