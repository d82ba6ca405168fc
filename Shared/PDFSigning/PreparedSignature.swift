// SPDX-License-Identifier: Apache-2.0
package import Cryptography
package import PDFSyntax
import Clocks

/// One signer's revision, complete but for the CMS signature, so that signing can pause at the key boundary.
package struct PreparedSignature: Sendable {
    /// The bytes to append to the document, `/Contents` filled with zeros.
    package let update: [UInt8]
    /// The hexadecimal digits of `/Contents` in `update`, without the angle brackets.
    package let contentsRange: Range<Int>
    /// Bytes in the document before the update.
    package let baseSize: Int

    /// Fills the signer's fields and reserves the signature.
    /// - Throws: `PDFError`, `fieldMissing` when there is no open signature field, or a value has no field of its kind.
    package static func prepare(
        document: PDFDocument, request: SignatureRequest
    ) throws(PDFError) -> PreparedSignature {
        guard let field = try document.rootField(named: request.fieldName), field.type == "Sig", !field.isSigned else {
            throw PDFError(.fieldMissing, "The document has no open signature field of the name asked for.")
        }
        guard Set(request.values.map(\.name)).count == request.values.count else {
            throw PDFError(.fieldNameTaken, "Two values were given for one field.")
        }
        var update = IncrementalUpdate(of: document)
        var filling = FieldFilling(document: document)
        for value in request.values { try filling.fill(value, in: &update) }
        let dictionary = try update.newReference()
        var widget = field.dictionary
        widget["V"] = .reference(dictionary)
        try filling.setAppearance(
            of: &widget, lines: request.appearanceLines, maximumSize: 12, in: &update)
        update.write(widget, at: field.reference)
        let positions = SignatureDictionary(request).write(to: &update, at: dictionary)
        var bytes = try update.finish()
        let range = SignedByteRange(
            gap: (document.size + positions.contents.lowerBound - 1)..<(document.size + positions.contents.upperBound
                + 1),
            end: document.size + bytes.count)
        range.write(to: &bytes, at: positions.byteRange)
        return PreparedSignature(update: bytes, contentsRange: positions.contents, baseSize: document.size)
    }

    /// The SHA-256 of the byte range.
    /// - Parameter baseHash: A hasher that has consumed exactly the document before the update.
    package func digest(baseHash: DigestHasher) -> [UInt8] {
        var hasher = baseHash
        hasher.update(update[..<(contentsRange.lowerBound - 1)])
        hasher.update(update[(contentsRange.upperBound + 1)...])
        return hasher.finalize()
    }

    /// The final bytes to append, with the signature in its place.
    /// - Throws: `PDFError` with `placeholderTooSmall`.
    package func embedding(cms: [UInt8]) throws(PDFError) -> [UInt8] {
        guard cms.count * 2 <= contentsRange.count else {
            throw PDFError(
                .placeholderTooSmall,
                "The signature needs \(cms.count) bytes where \(contentsRange.count / 2) were reserved.")
        }
        var result = update
        var position = contentsRange.lowerBound
        for byte in cms {
            result[position] = Self.hexDigit(byte >> 4)
            result[position + 1] = Self.hexDigit(byte & 15)
            position += 2
        }
        return result
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}

/// What a signature covers (ISO 32000-2, 12.8.1): all of the file but the `/Contents` string with its brackets.
struct SignedByteRange: Sendable, Equatable {
    /// Three numbers of 19 digits, which any file size fits.
    static let placeholderWidth = 64

    let gap: Range<Int>
    let end: Int

    func write(to bytes: inout [UInt8], at position: Int) {
        let text = Array("[0 \(gap.lowerBound) \(gap.upperBound) \(end - gap.upperBound)]".utf8)
        for (index, byte) in text.enumerated() { bytes[position + index] = byte }
    }
}

/// The signature dictionary (12.8.1, Table 255; EN 319 142-1, 6.3).
struct SignatureDictionary {
    private let request: SignatureRequest

    init(_ request: SignatureRequest) {
        self.request = request
    }

    /// Appends the dictionary and says where its two placeholders are.
    func write(
        to update: inout IncrementalUpdate, at reference: PDFReference
    ) -> (byteRange: Int, contents: Range<Int>) {
        var byteRange = 0
        var contents = 0..<0
        update.write(at: reference) { output in
            output.append(ascii: "<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached/ByteRange ")
            byteRange = output.count
            output.append(contentsOf: repeatElement(0x20, count: SignedByteRange.placeholderWidth))
            output.append(ascii: "/Contents <")
            let start = output.count
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: request.placeholderBytes * 2))
            contents = start..<output.count
            output.append(ascii: ">/M ")
            PDFSerializer.append(string: Array(date.utf8), to: &output)
            output.append(ascii: "/Name ")
            PDFSerializer.append(PDFSerializer.textString(request.signerName), to: &output)
            if let reason = request.reason {
                output.append(ascii: "/Reason ")
                PDFSerializer.append(PDFSerializer.textString(reason), to: &output)
            }
            output.append(ascii: ">>")
        }
        return (byteRange, contents)
    }

    /// 7.9.4, in UTC.
    private var date: String {
        let digits = request.signingTime.rfc3339(fractionDigits: 3).utf8.filter { (48...57).contains($0) }
        return "D:\(String(decoding: digits.prefix(14), as: UTF8.self))Z"
    }
}
