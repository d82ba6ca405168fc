// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax

/// What a signature or document timestamp in a file carries that validation data are needed for.
struct SignatureMaterial {
    let field: String
    let isDocumentTimestamp: Bool
    /// Nil where the signature cannot be read.
    let signer: Certificate?
    let certificates: [Certificate]
    /// The CMS as it stands in the file, with the zeros behind it.
    let contents: [UInt8]
    /// The tokens of signature-time-stamp attributes.
    let timestamps: [SignedMessage]
    /// Where the signed revision ends, which orders signatures by age.
    let end: Int

    /// The signed fields of a document, oldest first.
    static func all(in document: PDFDocument) throws(PDFError) -> [SignatureMaterial] {
        var found: [SignatureMaterial] = []
        for field in try document.signatureFields() where field.isSigned {
            guard let dictionary = try document.resolved(field.dictionary["V"]).dictionaryValue else { continue }
            found.append(try SignatureMaterial(field: field.name, dictionary: dictionary, document: document))
        }
        return found.sorted { $0.end < $1.end }
    }

    private init(field: String, dictionary: PDFDictionary, document: PDFDocument) throws(PDFError) {
        self.field = field
        isDocumentTimestamp = try document.resolved(dictionary["SubFilter"]).nameValue == "ETSI.RFC3161"
        let range = try document.resolved(dictionary["ByteRange"]).arrayValue?.compactMap(\.integerValue) ?? []
        end = range.count == 4 ? range[2].addingReportingOverflow(range[3]).partialValue : 0
        contents = try document.resolved(dictionary["Contents"]).stringValue ?? []
        let message = try? SignedMessage(der: contents)
        signer = message?.signer
        certificates = message?.certificates ?? []
        timestamps = message?.timestampsDER.compactMap { try? SignedMessage(der: $0) } ?? []
    }
}
