// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// What a signature dictionary says of itself; nothing of it is verified.
struct SignatureFact {
    let field: String
    let subFilter: String?
    let signer: String?
    let time: String?
    let byteRange: [Int]
    /// The level of a certification; nil where the signature is none.
    let certification: Int?
    let locks: [FieldLock]

    init(_ field: FormField, in document: PDFDocument) throws(PDFError) {
        guard let signature = try document.resolved(field.dictionary["V"]).dictionaryValue else {
            throw PDFError(.damaged, "The signature of field \(field.name) is missing.")
        }
        self.field = field.name
        subFilter = try document.resolved(signature["SubFilter"]).nameValue
        signer = try document.resolved(signature["Name"]).stringValue.map(PDFSerializer.text(of:))
        time = try document.resolved(signature["M"]).stringValue.map(PDFSerializer.text(of:))
        byteRange = try document.resolved(signature["ByteRange"]).arrayValue?.compactMap(\.integerValue) ?? []
        var certification: Int?
        var locks: [FieldLock] = []
        for entry in try document.resolved(signature["Reference"]).arrayValue ?? [] {
            guard let transform = try document.resolved(entry).dictionaryValue else { continue }
            let parameters = try document.resolved(transform["TransformParams"]).dictionaryValue ?? PDFDictionary()
            switch try document.resolved(transform["TransformMethod"]).nameValue {
            case "DocMDP": certification = try document.resolved(parameters["P"]).integerValue ?? 2
            case "FieldMDP": locks.append(try FieldLock(parameters, in: document))
            default: continue
            }
        }
        self.certification = certification
        self.locks = locks
    }
}

extension FieldLock {
    /// The names that the scope lists.
    var names: [String] {
        switch scope {
        case .all: []
        case .include(let names), .exclude(let names): names
        }
    }
}
