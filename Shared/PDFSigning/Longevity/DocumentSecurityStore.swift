// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax
import Revocation

/// The document security store (ISO 32000-2, 12.8.4.3; EN 319 142-1, 5.4.2), without `/VRI`, as baseline asks.
struct DocumentSecurityStore {
    private enum Kind: String, CaseIterable {
        case certificates = "Certs"
        case responses = "OCSPs"
        case lists = "CRLs"
    }

    /// More streams than that in an existing store are not compared, only kept.
    private static let maximumCompared = 1_000

    private let reference: PDFReference?
    private let dictionary: PDFDictionary

    init(of document: PDFDocument) throws(PDFError) {
        let entry = document.catalog["DSS"]
        // A reference that leads nowhere, or to what a later object happens to be, must not be written to: the number may
        // be that of a signature by now.
        if let store = try document.resolved(entry).dictionaryValue, store["ByteRange"] == nil,
            store["Type"]?.nameValue ?? "DSS" == "DSS"
        {
            reference = entry?.referenceValue
            dictionary = store
        } else {
            reference = nil
            dictionary = PDFDictionary()
        }
    }

    /// Adds what the store does not hold yet; streams and arrays that are there stay the objects that they are.
    /// - Returns: False when nothing was missing, and the draft is unchanged.
    func add(_ data: ValidationData, to draft: inout RevisionDraft) throws(PDFError) -> Bool {
        var store = dictionary
        if store["Type"] == nil { store["Type"] = .name("DSS") }
        var isChanged = false
        var isDictionaryChanged = false
        for kind in Kind.allCases {
            let missing = try missing(of: kind, data, in: draft.document)
            guard !missing.isEmpty else { continue }
            isChanged = true
            var elements = try draft.document.resolved(dictionary[kind.rawValue]).arrayValue ?? []
            for bytes in missing {
                let stream = try draft.update.newReference()
                draft.update.write(PDFDictionary(), data: bytes, at: stream)
                elements.append(.reference(stream))
            }
            if let array = dictionary[kind.rawValue]?.referenceValue {
                draft.replace(array, with: .array(elements))
            } else {
                store[kind.rawValue] = .array(elements)
                isDictionaryChanged = true
            }
        }
        guard isDictionaryChanged else { return isChanged }
        if let reference {
            draft.replace(reference, with: .dictionary(store))
        } else {
            let new = try draft.update.newReference()
            draft.update.write(store, at: new)
            draft.catalog["DSS"] = .reference(new)
        }
        return true
    }

    private func missing(
        of kind: Kind, _ data: ValidationData, in document: PDFDocument
    ) throws(PDFError) -> [[UInt8]] {
        let wanted =
            switch kind {
            case .certificates: data.certificates.map(\.der)
            case .responses: data.responses.map(\.der)
            case .lists: data.lists.map(\.der)
            }
        guard !wanted.isEmpty else { return [] }
        var known: Set<[UInt8]> = []
        for element in try document.resolved(dictionary[kind.rawValue]).arrayValue?.prefix(Self.maximumCompared) ?? [] {
            // A stream that cannot be decoded holds nothing that a reader could use.
            guard case .stream(let stream) = try document.resolved(element),
                let bytes = try? document.data(of: stream)
            else { continue }
            known.insert(SHA256.digest(of: bytes))
        }
        return wanted.filter { !known.contains(SHA256.digest(of: $0)) }
    }
}
