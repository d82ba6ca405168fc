// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import PDFSyntax

/// A signature field with its signature dictionary, read as it stands in the newest revision (ISO 32000-2, 12.8.1).
struct SignedField {
    /// What the signature is, by its `/SubFilter` (Table 255; EN 319 142-1, 5.1 and 5.4.3).
    enum Format: String {
        case cades = "ETSI.CAdES.detached"
        case pkcs7 = "adbe.pkcs7.detached"
        case pkcs7SHA1 = "adbe.pkcs7.sha1"
        case rawRSA = "adbe.x509.rsa_sha1"
        case timestamp = "ETSI.RFC3161"
    }

    let name: String
    let format: Format?
    let dictionary: PDFDictionary
    /// Nil when the dictionary is not an indirect object, so that nothing can be told about its bytes.
    let reference: PDFReference?
    /// The bytes of `/Contents`, decoded from the file itself: they are never encrypted.
    let contents: [UInt8]
    /// What was signed; nil when the byte range does not leave out exactly the signature.
    let range: SignedRange?
    /// `/Name`.
    let signerName: String?
    /// `/M` as it stands there.
    let claimedTime: String?

    /// - Throws: `PDFError` when the document cannot be read there.
    init(_ field: FormField, in document: PDFDocument) throws(PDFError) {
        name = field.name
        let value = field.dictionary["V"]
        reference = value?.referenceValue
        dictionary = try document.resolved(value).dictionaryValue ?? PDFDictionary()
        format = try document.resolved(dictionary["SubFilter"]).nameValue.flatMap(Format.init)
        signerName = try document.resolved(dictionary["Name"]).stringValue.map(PDFSerializer.text(of:))
        claimedTime = try document.resolved(dictionary["M"]).stringValue.map(PDFSerializer.text(of:))
        guard let reference, let place = try Self.place(ofContentsIn: reference, document) else {
            contents = []
            range = nil
            return
        }
        contents = Self.decoded(try document.bytes(place))
        let numbers = try document.resolved(dictionary["ByteRange"]).arrayValue ?? []
        range = SignedRange(
            numbers, contents: place, isOnlyKey: dictionary.entries.count { $0.key == "ByteRange" } == 1,
            fileSize: document.size)
    }

    /// True for a document timestamp, whatever `/Type` says: readers go by `/SubFilter`.
    var isTimestamp: Bool { format == .timestamp }

    /// The certificates in `/Cert`, which only `adbe.x509.rsa_sha1` may have (Table 255).
    func certificates(in document: PDFDocument) throws(PDFError) -> [Certificate] {
        let value = try document.resolved(dictionary["Cert"])
        var found: [Certificate] = []
        for element in (value.arrayValue ?? [value]).prefix(64) {
            guard let bytes = try document.resolved(element).stringValue else { continue }
            if let certificate = try? Certificate(der: bytes) { found.append(certificate) }
        }
        return found
    }

    /// The level that this signature certifies the document with, when the catalog says that it does (12.8.2.2).
    func certification(in document: PDFDocument) throws(PDFError) -> Int? {
        guard let parameters = try transforms("DocMDP", in: document).first,
            let permissions = try document.resolved(document.catalog["Perms"]).dictionaryValue,
            permissions["DocMDP"]?.referenceValue == reference
        else { return nil }
        return try document.resolved(parameters["P"]).integerValue ?? 2
    }

    /// The fields that it locks (12.8.2.4).
    func locks(in document: PDFDocument) throws(PDFError) -> [SignatureReport.FieldLock] {
        var locks: [SignatureReport.FieldLock] = []
        for parameters in try transforms("FieldMDP", in: document) {
            var names: [String] = []
            for element in try document.resolved(parameters["Fields"]).arrayValue ?? [] {
                if let text = try document.resolved(element).stringValue { names.append(PDFSerializer.text(of: text)) }
            }
            let action = try document.resolved(parameters["Action"]).nameValue ?? "All"
            locks.append(SignatureReport.FieldLock(action: action, fields: names))
        }
        return locks
    }

    private func transforms(_ method: String, in document: PDFDocument) throws(PDFError) -> [PDFDictionary] {
        var found: [PDFDictionary] = []
        for element in try (document.resolved(dictionary["Reference"]).arrayValue ?? []).prefix(64) {
            guard let entry = try document.resolved(element).dictionaryValue,
                try document.resolved(entry["TransformMethod"]).nameValue == method
            else { continue }
            found.append(try document.resolved(entry["TransformParams"]).dictionaryValue ?? PDFDictionary())
        }
        return found
    }

    /// Where the hexadecimal string of `/Contents` stands, brackets included; nil for a literal string or two keys.
    private static func place(
        ofContentsIn reference: PDFReference, _ document: PDFDocument
    ) throws(PDFError) -> Range<Int>? {
        guard let range = try document.range(ofValue: "Contents", in: reference), range.count >= 2 else { return nil }
        let first = try document.bytes(range.lowerBound..<(range.lowerBound + 2))
        let last = try document.bytes((range.upperBound - 1)..<range.upperBound)
        guard first[0] == UInt8(ascii: "<"), first[1] != UInt8(ascii: "<"), last == [UInt8(ascii: ">")] else {
            return nil
        }
        return range
    }

    /// The bytes of a hexadecimal string (7.3.4.3), which the parser has read before.
    private static func decoded(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            default: continue
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        if let high { bytes.append(high << 4) }
        return bytes
    }
}
