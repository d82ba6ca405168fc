// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Compares a state of the document with the next one, object by object, by the roles that each object has.
///
/// Whatever no rule explains is forbidden. New objects are explained by the change that leads to them; one that nothing
/// leads to is used by no reader.
struct RevisionComparison {
    /// Values and bytes of strings that one revision may make us compare.
    private static let maximumWeight = 256 << 20

    let old: PDFDocument
    let new: PDFDocument
    let oldFields: FieldTable
    let newFields: FieldTable
    let roles: [Int: Set<ObjectRole>]
    /// Numbers that the later state defines elsewhere, in order.
    let changed: [Int]
    private(set) var findings = StepFindings()
    /// Changed numbers that the older state does not use, and that nothing has explained yet.
    private var unexplained: Set<Int> = []
    private var weight = 0
    private var unused = 0

    init(
        old: (document: PDFDocument, fields: FieldTable), new: (document: PDFDocument, fields: FieldTable),
        roles: [Int: Set<ObjectRole>], changed: [Int]
    ) {
        self.old = old.document
        self.new = new.document
        oldFields = old.fields
        newFields = new.fields
        self.roles = roles
        self.changed = changed
    }

    /// Counts a finding that was made without comparing objects.
    mutating func add(_ finding: ChangeFinding) {
        findings.add(finding)
    }

    /// Judges the trailer and every changed object.
    mutating func run() throws(PDFError) {
        if let problem = newFields.problem, oldFields.problem == nil {
            note(nil, "the form was rebuilt", .forbidden(why: problem))
        }
        let unclaimed = Set(changed.filter { isUnclaimed($0) })
        unexplained = unclaimed
        try compareTrailers()
        if changed.contains(where: { touchesStore($0) }) || old.trailer["Root"] != new.trailer["Root"] {
            try compareValidationData()
        }
        for number in unclaimed.sorted() where !roles[number, default: []].isEmpty {
            guard newFields.nodes[number]?.isSignature != true else { continue }
            note(number, "was defined where the trailer named nothing", .opening(number: number))
        }
        for number in changed where !unclaimed.contains(number) {
            guard let roles = roles[number], !roles.isEmpty else { continue }
            guard weight <= Self.maximumWeight else {
                throw PDFError(.tooComplex, "The later revisions change more than can be compared.")
            }
            do throws(PDFError) {
                try compare(number, roles)
            } catch {
                guard error.code != .sourceUnreadable else { throw error }
                note(number, "was written anew", .forbidden(why: "It cannot be read: \(error.detail)"))
            }
        }
        for number in changed where unexplained.contains(number) { noteUnused(number) }
    }

    private mutating func noteUnused(_ number: Int) {
        var what = "was added or changed"
        unused += 1
        if unused <= ChangeReport.maximumListed, case .stream(let stream)? = try? new.currentObject(number) {
            switch stream.dictionary["Type"]?.nameValue {
            case "XRef": what = "is a cross-reference section of a revision"
            case "ObjStm": what = "holds objects of a revision"
            default: break
            }
        }
        note(number, what, .neutral(why: "Nothing in the document refers to it."))
    }

    private mutating func compare(_ number: Int, _ roles: Set<ObjectRole>) throws(PDFError) {
        let before = try old.currentObject(number)
        let after = try new.currentObject(number)
        weight += ObjectComparison.weight(of: before) + ObjectComparison.weight(of: after)
        if try generation(of: number, in: old) != generation(of: number, in: new), before != .null, after != .null {
            return note(number, "was replaced by another object of its number", .forbidden(why: Self.unexplainedWhy))
        }
        if try isIdentical(before, after) {
            return note(number, "was written again as it was", .neutral(why: "Nothing about it changed."))
        }
        // One of the parts suffices to say what is wrong.
        var parts = Set<DocumentPart>()
        for role in roles {
            if case .content(let part) = role {
                parts.insert(part)
            } else {
                try judge(number, role, before, after)
            }
        }
        let part = parts.subtracting([.annotation]).min { $0.rawValue < $1.rawValue } ?? parts.first
        if let part { judgeContent(number, part, before, after) }
    }

    /// Whether the older state does not use an object.
    private func isUnclaimed(_ number: Int) -> Bool {
        roles[number, default: []].isSubset(of: [.openReference]) && (try? old.currentObject(number)) == .null
            || roles[number, default: []].isEmpty
    }

    private func touchesStore(_ number: Int) -> Bool {
        !roles[number, default: []].isDisjoint(with: [.catalog, .securityStore])
    }

    private func generation(of number: Int, in document: PDFDocument) throws(PDFError) -> Int {
        if case .atOffset(_, let generation) = try document.entry(of: number) { return generation }
        return 0
    }

    private mutating func judge(
        _ number: Int, _ role: ObjectRole, _ before: PDFObject, _ after: PDFObject
    ) throws(PDFError) {
        switch role {
        case .catalog: try compareCatalogs(number, before, after)
        case .documentInformation:
            note(number, "document information was changed", .upkeep(why: "Document properties may be updated."))
        case .metadata: try compareMetadata(number, after)
        case .extensions, .markInformation: try compareDeclarations(number, after)
        case .securityStore: compareSecurityStore(number, before, after)
        case .page: try comparePages(number, before, after)
        case .pageList:
            note(number, "pages were added, removed or reordered", .forbidden(why: Self.pagesWhy))
        case .annotationList(let page): try compareAnnotations(of: page, in: number, before, after)
        case .annotation: try compareAnnotation(number, before, after)
        case .form: try compareForms(number, before, after)
        case .fieldList(let parent): try compareFieldLists(of: parent, in: number, before, after)
        case .field: try compareFields(number)
        case .defaultResources, .defaultResourceCategory: try compareDefaultResources(number, before, after)
        case .appearance(let field), .appearanceStream(let field):
            try compareAppearance(number, of: field, after)
        case .value(let field): compareValue(number, of: field, after)
        case .signature:
            note(
                number, "the dictionary of a signature was changed",
                .forbidden(why: "What an earlier signature says of itself may not change."))
        case .openReference: judgeContent(number, .trailer, before, after)
        case .content(let part): judgeContent(number, part, before, after)
        }
    }

    private mutating func judgeContent(_ number: Int, _ part: DocumentPart, _ before: PDFObject, _ after: PDFObject) {
        let what =
            before == .null
            ? "was defined where the signed document left it open" : after == .null ? "was removed" : "was changed"
        if part == .annotation {
            return note(number, "\(what): \(part.rawValue)", .comment(why: Self.commentWhy))
        }
        note(number, "\(what): \(part.rawValue)", .forbidden(why: "No signature allows that to change."))
    }

    // MARK: Tools of the rules

    /// Counts what is compared beside the changed objects.
    mutating func weigh(_ object: PDFObject) throws(PDFError) {
        weight += ObjectComparison.weight(of: object)
        guard weight <= Self.maximumWeight else {
            throw PDFError(.tooComplex, "The later revisions change more than can be compared.")
        }
    }

    static let unexplainedWhy = "No rule allows this change."
    static let pagesWhy = "The pages of a signed document may not change."
    static let commentWhy = "The certification allows annotations; they can hide what they lie over."

    mutating func note(_ number: Int?, _ what: String, _ kind: ChangeKind) {
        add(ChangeFinding(number, what, kind))
    }

    /// True for an address that the older state neither defines nor refers to.
    func isNew(_ reference: PDFReference) -> Bool {
        guard isUnclaimed(reference.number), changed.contains(sorted: reference.number) else { return false }
        let before = try? old.currentObject(reference.number)
        return before == .null
    }

    /// Takes a new object as explained without going on to what it names.
    mutating func explain(_ number: Int) {
        unexplained.remove(number)
    }

    /// Explains a new object that only holds what is judged piece by piece.
    mutating func explainContainer(_ value: PDFObject?, _ what: String) {
        guard let number = value?.referenceValue?.number, unexplained.remove(number) != nil else { return }
        note(number, what, .neutral(why: "What it holds is judged piece by piece."))
    }

    /// Explains every unused object that a value leads to by the change that the value belongs to.
    mutating func claim(_ value: PDFObject?, _ what: String, _ kind: ChangeKind) {
        var open = ObjectComparison.references(in: value)
        while let reference = open.popLast() {
            guard unexplained.remove(reference.number) != nil else { continue }
            do throws(PDFError) {
                open += ObjectComparison.references(in: try new.currentObject(reference.number))
                note(reference.number, what, kind)
            } catch {
                note(reference.number, what, .unreadable(why: "It cannot be read: \(error.detail)"))
            }
        }
    }

    /// Whether an entry means the same in both states, be it written in place or as an object of its own.
    mutating func isUnchanged(_ key: String, _ before: PDFDictionary, _ after: PDFDictionary) throws(PDFError) -> Bool {
        if key == ObjectComparison.ambiguousKey { return false }
        if ObjectComparison.isSame(before[key], after[key]) { return true }
        guard before[key]?.referenceValue == nil || after[key]?.referenceValue == nil else { return false }
        let left = try old.resolved(before[key])
        let right = try new.resolved(after[key])
        guard ObjectComparison.isSame(left, right) else { return false }
        claim(after[key], "holds what stood in another object", .neutral(why: "Nothing about it changed."))
        return true
    }

    private func isIdentical(_ before: PDFObject, _ after: PDFObject) throws(PDFError) -> Bool {
        guard case .stream(let left) = before, case .stream(let right) = after else {
            return ObjectComparison.isSame(before, after)
        }
        guard ObjectComparison.isSame(left.dictionary, right.dictionary),
            let length = try old.resolved(left.dictionary["Length"]).integerValue,
            try new.resolved(right.dictionary["Length"]).integerValue == length, length >= 0
        else { return false }
        var position = 0
        while position < length {
            let count = min(1 << 20, length - position)
            let part = try old.bytes(bounded(left.dataOffset, position, count))
            guard part == (try new.bytes(bounded(right.dataOffset, position, count))), part.count == count else {
                return false
            }
            position += count
        }
        return true
    }

    private func bounded(_ start: Int, _ position: Int, _ count: Int) -> Range<Int> {
        (start + position)..<(start + position + count)
    }
}

extension [Int] {
    /// Whether a sorted array holds a number.
    func contains(sorted number: Int) -> Bool {
        var range = startIndex..<endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if self[middle] == number { return true }
            range = self[middle] < number ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }
}
