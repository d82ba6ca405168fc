// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// What the signatures of a state of the document allow after it (ISO 32000-2, 12.8.2).
///
/// A signature inherits what earlier ones forbid: their promises still hold when it was made.
struct ChangePolicy {
    /// The strictest level of DocMDP or of a field's lock; nil without any.
    private(set) var level: Int?
    /// Whether the signature that ends here certifies the document itself.
    private(set) var certifiesItself = false
    /// So many that each names what it leaves open are taken as leaving nothing open.
    private static let maximumExclusions = 32

    private var locks: [FieldLock] = []
    /// The keys of what was recorded of earlier validations, in `/VRI`.
    private let records: Set<String>
    private let openReferences: Set<Int>

    /// Reads the permissions that stand in the document as it was signed.
    init(_ document: PDFDocument, fields: FieldTable, signedEnd: Int) throws(PDFError) {
        let store = try document.resolved(document.catalog["DSS"]).dictionaryValue
        records = Set(try document.resolved(store?["VRI"]).dictionaryValue?.entries.map(\.key) ?? [])
        openReferences = try document.openTrailerReferences()
        for node in fields.nodes.values where node.isSigned && node.dictionary["V"] != nil {
            guard let signature = try document.resolved(node.value).dictionaryValue else { continue }
            let isOwn = try Self.end(of: signature, document) == signedEnd
            for reference in try document.resolved(signature["Reference"]).arrayValue ?? [] {
                guard let entry = try document.resolved(reference).dictionaryValue else { continue }
                let parameters = try document.resolved(entry["TransformParams"]).dictionaryValue ?? PDFDictionary()
                switch try document.resolved(entry["TransformMethod"]).nameValue {
                case "DocMDP":
                    restrict(to: try document.resolved(parameters["P"]).integerValue ?? 2)
                    if isOwn { certifiesItself = true }
                case "FieldMDP":
                    locks.append(try FieldLock(parameters, document))
                default: break
                }
            }
            guard let lock = try document.resolved(node.dictionary["Lock"]).dictionaryValue else { continue }
            locks.append(try FieldLock(lock, document))
            if let permission = try document.resolved(lock["P"]).integerValue { restrict(to: permission) }
        }
    }

    private mutating func restrict(to permission: Int) {
        // A level that no standard defines is taken as the strictest.
        let permission = (1...3).contains(permission) ? permission : 1
        level = min(level ?? 3, permission)
    }

    private static func end(of signature: PDFDictionary, _ document: PDFDocument) throws(PDFError) -> Int? {
        let range = try document.resolved(signature["ByteRange"]).arrayValue?.compactMap(\.integerValue) ?? []
        guard range.count == 4 else { return nil }
        let end = range[2].addingReportingOverflow(range[3])
        return end.overflow ? nil : end.partialValue
    }

    // MARK: Decisions

    /// Whether the change is allowed, and by which rule.
    func judge(_ kind: ChangeKind) -> (isPermitted: Bool, why: String) {
        switch kind {
        case .neutral(let why), .upkeep(let why): return (true, why)
        case .forbidden(let why), .unreadable(let why): return (false, why)
        case .record(let key):
            if records.contains(key) { return (false, "What was signed as the record of a validation stays.") }
            return (true, "The signature does not cover that record.")
        case .opening(let number):
            if openReferences.contains(number) { return (false, "The trailer that was signed names it.") }
            return (true, "What was signed does not name it.")
        case .newField(let name, let isVisible): return judgeNewField(name, isVisible)
        case .signing(let name):
            if level == 1 { return (false, "The document is certified against any change (DocMDP level 1).") }
            if isLocked(name) { return (false, "An earlier signature locks the field \(name).") }
            return (true, "A further signature is allowed.")
        case .filling(let name):
            if level == 1 { return (false, "The document is certified against any change (DocMDP level 1).") }
            if isLocked(name) { return (false, "An earlier signature locks the field \(name).") }
            return (true, "Filling in the form is allowed.")
        case .comment(let why):
            if level == 3 { return (true, why) }
            return (false, "Annotations are allowed only where a certification says so (DocMDP level 3).")
        }
    }

    private func judgeNewField(_ name: String, _ isVisible: Bool) -> (Bool, String) {
        guard isVisible else { return (true, "A signature field that shows nothing may be added.") }
        if level == 1 { return (false, "The document is certified against any change (DocMDP level 1).") }
        if isLocked(name) { return (false, "An earlier signature locks the field \(name).") }
        if certifiesItself {
            return (false, "A visible field added to a certified document can cover what was certified.")
        }
        return (true, "A further signature may bring its own field.")
    }

    private func isLocked(_ name: String) -> Bool {
        locks.count { !$0.isList } > Self.maximumExclusions || locks.contains { $0.covers(name) }
    }
}

/// Which fields a signature locks (12.7.5.5, Table 236; 12.8.2.4).
private struct FieldLock {
    private let action: String?
    private let names: Set<String>

    /// Names what it locks, and not what it leaves open.
    var isList: Bool { action == "Include" }

    init(_ dictionary: PDFDictionary, _ document: PDFDocument) throws(PDFError) {
        action = try document.resolved(dictionary["Action"]).nameValue
        var names: Set<String> = []
        for element in try document.resolved(dictionary["Fields"]).arrayValue ?? [] {
            if let text = try document.resolved(element).stringValue { names.insert(PDFSerializer.text(of: text)) }
        }
        self.names = names
    }

    func covers(_ name: String) -> Bool {
        switch action {
        case "Include": isListed(name)
        case "Exclude": !isListed(name)
        default: true
        }
    }

    /// A name that is listed stands for the fields below it too.
    private func isListed(_ name: String) -> Bool {
        var upper = name[...]
        while true {
            if names.contains(String(upper)) { return true }
            guard let dot = upper.lastIndex(of: ".") else { return false }
            upper = upper[..<dot]
        }
    }
}
