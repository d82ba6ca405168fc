// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The document security store, `/DSS` in the catalog (ISO 32000-2, 12.8.4.3).
extension RevisionComparison {
    private static let addedOnly = ChangeKind.forbidden(why: "Validation data are only ever added.")
    private static let malformed = ChangeKind.forbidden(
        why: "Validation data hold certificates, revocation data and times of theirs, and nothing else.")
    /// Lists of streams in the store (Table 261), and in what is recorded of one signature (Table 262).
    private static let storeLists: Set<String> = ["Certs", "OCSPs", "CRLs"]
    private static let recordLists: Set<String> = ["Cert", "OCSP", "CRL"]

    mutating func compareSecurityStores(_ number: Int, _ before: PDFObject?, _ after: PDFObject?) throws(PDFError) {
        guard case .dictionary = try new.resolved(after) else {
            return note(number, "the validation data were removed", Self.addedOnly)
        }
        let kind = ChangeKind.upkeep(why: Self.upkeepWhy)
        note(number, before == nil ? "validation data were added" : "validation data were extended", kind)
        claim(after, "validation data were added", kind)
    }

    /// An object of the document security store that was written anew.
    mutating func compareSecurityStore(_ number: Int, _ before: PDFObject, _ after: PDFObject) {
        if case .stream = before {
            return note(number, "a certificate or revocation answer was overwritten", Self.addedOnly)
        }
        guard after != .null else { return note(number, "validation data were removed", Self.addedOnly) }
        let kind = ChangeKind.upkeep(why: Self.upkeepWhy)
        note(number, "validation data were extended", kind)
        claim(after, "validation data were added", kind)
    }

    // MARK: Structure

    mutating func compareValidationData() throws(PDFError) {
        do throws(PDFError) {
            try compareRecords()
        } catch {
            guard error.code != .sourceUnreadable else { throw error }
            note(nil, "the validation data could not be compared", .unreadable(why: error.detail))
        }
    }

    /// Judges the form of the whole store, and that the records of earlier validations stay as they were.
    ///
    /// Single certificates and answers may leave the lists of the store (EN 319 142-1, 5.4.2.2); a record says by what a
    /// signature was validated, and is of no use when it can be rewritten.
    private mutating func compareRecords() throws(PDFError) {
        guard case .dictionary(let store) = try new.resolved(new.catalog["DSS"]) else { return }
        let earlier = try old.resolved(old.catalog["DSS"]).dictionaryValue ?? PDFDictionary()
        try checkLists(store, named: Self.storeLists, others: ["Type", "VRI"])
        let records = try records(of: store, in: new)
        let recorded = try self.records(of: earlier, in: old)
        for entry in recorded.entries {
            let left = try contents(of: entry.value, in: old)
            let right = try contents(of: records[entry.key], in: new)
            guard !ObjectComparison.isSame(left, right) else { continue }
            note(nil, "the record \(entry.key.prefix(40)) in /VRI was changed", .record(key: entry.key))
        }
        for entry in records.entries where recorded[entry.key] == nil {
            guard entry.key.utf8.count >= 40, entry.key.allSatisfy(\.isHexDigit),
                case .dictionary(let record) = try new.resolved(entry.value)
            else {
                note(nil, "/VRI got an entry /\(entry.key.prefix(40)) that stands for no signature", Self.malformed)
                continue
            }
            try checkLists(record, named: Self.recordLists, others: ["Type", "TU", "TS"])
        }
    }

    private func records(of store: PDFDictionary, in document: PDFDocument) throws(PDFError) -> PDFDictionary {
        try document.resolved(store["VRI"]).dictionaryValue ?? PDFDictionary()
    }

    /// A record with its lists in place, so that it does not matter where they stand.
    private mutating func contents(of record: PDFObject?, in document: PDFDocument) throws(PDFError) -> PDFObject {
        guard case .dictionary(let dictionary) = try document.resolved(record) else { return .null }
        var entries: [(key: String, value: PDFObject)] = []
        for entry in dictionary.entries {
            let isList = Self.recordLists.contains(entry.key)
            let value = isList ? try document.resolved(entry.value) : entry.value
            try weigh(value)
            entries.append((entry.key, value))
        }
        return .dictionary(PDFDictionary(entries))
    }

    private mutating func checkLists(
        _ dictionary: PDFDictionary, named lists: Set<String>, others: Set<String>
    ) throws(PDFError) {
        for entry in dictionary.entries {
            guard lists.contains(entry.key) else {
                if others.contains(entry.key) { continue }
                note(nil, "validation data got an entry /\(entry.key.prefix(40))", Self.malformed)
                continue
            }
            let list = try new.resolved(entry.value)
            try weigh(list)
            guard let elements = list.arrayValue, elements.allSatisfy({ $0.referenceValue != nil }) else {
                note(nil, "the validation data's /\(entry.key) is no list of streams", Self.malformed)
                continue
            }
            for element in elements.compactMap(\.referenceValue) where changed.contains(sorted: element.number) {
                guard case .stream = try new.object(element) else {
                    note(element.number, "was put among the validation data, and is no stream", Self.malformed)
                    continue
                }
            }
        }
    }
}
