// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Pages and the annotations on them.
extension RevisionComparison {
    /// A page may change in its list of annotations and nothing else.
    mutating func comparePages(_ number: Int, _ before: PDFObject, _ after: PDFObject) throws(PDFError) {
        guard case .dictionary(let before) = before, case .dictionary(let after) = after else {
            return note(number, "a page was replaced", .forbidden(why: Self.pagesWhy))
        }
        for key in ObjectComparison.differences(before, after) {
            if key == "Annots" {
                try compareAnnotations(of: number, in: number, before[key] ?? .null, after[key] ?? .null)
                explainContainer(after[key], "the list of annotations was written anew")
                continue
            }
            if try isUnchanged(key, before, after) { continue }
            let what =
                switch key {
                case "Kids", "Count", "Parent": "pages were added, removed or reordered"
                case "Contents": "the content of a page was replaced"
                case "MediaBox", "CropBox", "Rotate", "UserUnit": "the visible area of a page was changed"
                default: "the /\(key.prefix(40)) of a page was changed"
                }
            note(number, what, .forbidden(why: Self.pagesWhy))
        }
    }

    /// What was there stays in its order; widgets of new signatures and, where allowed, comments come in.
    mutating func compareAnnotations(
        of page: Int, in number: Int, _ before: PDFObject, _ after: PDFObject
    ) throws(PDFError) {
        let before = try old.resolved(before)
        let after = try new.resolved(after)
        guard before == .null || before.arrayValue != nil, after == .null || after.arrayValue != nil else {
            return note(number, "the annotations of a page were replaced", .forbidden(why: Self.unexplainedWhy))
        }
        let later = after.arrayValue ?? []
        let kept = Set(later.compactMap(\.referenceValue))
        var earlier: [PDFObject] = []
        for element in before.arrayValue ?? [] {
            if let reference = element.referenceValue, !kept.contains(reference) {
                // A reference to nothing is no annotation.
                if try old.object(reference) != .null { noteRemoved(reference.number) }
            } else if element != .null {
                earlier.append(element)
            }
        }
        var added: [PDFObject] = []
        var position = 0
        for element in later where element != .null {
            if position < earlier.count, ObjectComparison.isSame(earlier[position], element) {
                position += 1
            } else {
                added.append(element)
            }
        }
        if position < earlier.count {
            note(
                number, "annotations were put in another order",
                .forbidden(why: "The order decides which of them covers the others."))
        }
        let known = Set(ObjectComparison.references(in: before).map(\.number))
        for element in added {
            try judgeAdded(element, to: page, in: number, known: known)
        }
    }

    private mutating func noteRemoved(_ number: Int) {
        if oldFields.nodes[number] == nil {
            note(number, "an annotation was removed", .comment(why: Self.commentWhy))
        } else {
            note(number, "a form field was taken off its page", .forbidden(why: Self.unexplainedWhy))
        }
    }

    private mutating func judgeAdded(
        _ element: PDFObject, to page: Int, in number: Int, known: Set<Int>
    ) throws(PDFError) {
        guard let added = element.referenceValue?.number, let node = newFields.nodes[added] else {
            return try judgeNewAnnotation(element, in: number)
        }
        let isFresh = oldFields.nodes[added].map { !$0.isSigned && node.isSigned } ?? true
        guard node.isSignature, isFresh, !known.contains(added) else {
            return note(
                number, "the form field \(node.name.prefix(80)) was put on a page",
                .forbidden(why: "Only the field of a further signature may come onto a page."))
        }
        let kind = ChangeKind.newField(name: node.name, isVisible: try node.isVisible(in: new))
        note(number, "the signature field \(node.name.prefix(80)) was put on a page", kind)
    }

    // MARK: Comments

    private mutating func judgeNewAnnotation(_ element: PDFObject, in number: Int) throws(PDFError) {
        guard case .dictionary(let annotation) = try new.resolved(element) else {
            return note(number, "something was put among the annotations", .forbidden(why: Self.unexplainedWhy))
        }
        if let reference = element.referenceValue, !isNew(reference) {
            return note(
                number, "object \(reference.number) of the signed document was made an annotation",
                .forbidden(why: Self.unexplainedWhy))
        }
        let kind = try CommentRules(document: new).kind(of: annotation)
        let what = "an annotation was added"
        note(number, what, kind)
        claim(element, what, kind)
    }

    mutating func compareAnnotation(_ number: Int, _ before: PDFObject, _ after: PDFObject) throws(PDFError) {
        guard case .dictionary(let after) = after else {
            return note(number, "an annotation was removed", .comment(why: Self.commentWhy))
        }
        guard let before = before.dictionaryValue else {
            return note(
                number, "an annotation was defined where the signed document left it open",
                .forbidden(why: Self.unexplainedWhy))
        }
        guard ObjectComparison.isSame(before["Subtype"], after["Subtype"]) else {
            return note(number, "an annotation was made one of another type", .forbidden(why: Self.unexplainedWhy))
        }
        let kind = try CommentRules(document: new).kind(of: after)
        note(number, "an annotation was changed", kind)
        claim(.dictionary(after), "an annotation was changed", kind)
    }
}
