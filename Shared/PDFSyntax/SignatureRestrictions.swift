// SPDX-License-Identifier: Apache-2.0

/// What the signatures of a document forbid to later revisions (ISO 32000-2, 12.8.2.2 and 12.8.2.4).
package struct SignatureRestrictions: Sendable {
    /// A lock and the signature that set it.
    private struct Holder: Sendable {
        let field: String
        let lock: FieldLock
    }

    /// Whether any field is signed, by a person or by a timestamp authority.
    package private(set) var hasSignatures = false
    /// The strictest permission of a certification, or of a field lock in PDF 2.0; nil without any.
    package private(set) var level: CertificationLevel?
    private var locks: [Holder] = []

    /// Reads the signature dictionaries of signed fields, and the one that the catalog's `/Perms` names.
    package init(of document: PDFDocument, fields: [FormField]) throws(PDFError) {
        var seen: Set<PDFReference> = []
        for field in fields where field.isSigned {
            let value = try document.resolved(field.dictionary["V"])
            // A reference to nothing is null (7.3.10): nobody signed there.
            guard value != .null else { continue }
            hasSignatures = true
            if let reference = field.dictionary["V"]?.referenceValue { seen.insert(reference) }
            if let lock = try document.resolved(field.dictionary["Lock"]).dictionaryValue, lock["P"] != nil,
                try Self.isVersion2(document)
            {
                restrict(try FieldLock(lock, in: document).permission)
            }
            if let signature = value.dictionaryValue { try take(signature, of: field.name, in: document) }
        }
        let permissions = try document.resolved(document.catalog["Perms"]).dictionaryValue
        guard let certification = permissions?["DocMDP"] else { return }
        if let reference = certification.referenceValue, seen.contains(reference) { return }
        guard let signature = try document.resolved(certification).dictionaryValue else { return }
        hasSignatures = true
        try take(signature, of: "the certification", in: document)
    }

    /// The name of a field whose signature locks this one; nil when the field may change.
    ///
    /// A new name is as good as any other here: a lock of all fields, or of all but some, covers it.
    package func lockHolder(of name: String) -> String? {
        locks.first { $0.lock.covers(name) }?.field
    }

    private mutating func restrict(_ permission: CertificationLevel?) {
        guard let permission else { return }
        level = min(level ?? permission, permission)
    }

    /// The permission of a field lock came with PDF 2.0 (Table 236); it means nothing in a file of an older version.
    private static func isVersion2(_ document: PDFDocument) throws(PDFError) -> Bool {
        if try document.resolved(document.catalog["Version"]).nameValue?.hasPrefix("2") == true { return true }
        return String(decoding: try document.bytes(0..<1_024), as: UTF8.self).contains("%PDF-2")
    }

    private mutating func take(
        _ signature: PDFDictionary, of field: String, in document: PDFDocument
    ) throws(PDFError) {
        for entry in try document.resolved(signature["Reference"]).arrayValue ?? [] {
            guard let transform = try document.resolved(entry).dictionaryValue else { continue }
            let parameters = try document.resolved(transform["TransformParams"]).dictionaryValue ?? PDFDictionary()
            switch try document.resolved(transform["TransformMethod"]).nameValue {
            case "DocMDP":
                // 2 where nothing is said (Table 257); a number of no meaning permits nothing.
                let stated = try document.resolved(parameters["P"]).integerValue ?? 2
                restrict(CertificationLevel(rawValue: stated) ?? .noChanges)
            case "FieldMDP":
                let lock = try FieldLock(parameters, in: document)
                restrict(lock.permission)
                locks.append(Holder(field: field, lock: lock))
            default: continue
            }
        }
    }
}
