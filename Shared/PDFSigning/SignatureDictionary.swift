// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax

/// Where a signature dictionary's two placeholders stand in the bytes of an update.
package struct SignaturePlaceholder: Sendable, Equatable {
    /// The first of the blanks that are kept for `/ByteRange`.
    package let byteRange: Int
    /// The hexadecimal digits of `/Contents`, without the angle brackets.
    package let contents: Range<Int>
}

/// A signature dictionary before it is signed (ISO 32000-2, 12.8.1, Table 255; EN 319 142-1, 6.3 and 5.4.3).
package struct SignatureDictionary: Sendable {
    /// What `/Contents` will hold.
    package enum Kind: Sendable, Equatable {
        /// A CMS signature, `/Sig` with `ETSI.CAdES.detached`.
        case signature
        /// A timestamp token over the byte range, `/DocTimeStamp` with `ETSI.RFC3161`.
        case documentTimestamp
    }

    private static let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 16 << 10)

    private let kind: Kind
    private let entries: PDFDictionary

    /// - Parameter entries: What stands behind the two placeholders; a document timestamp needs none.
    package init(_ kind: Kind, entries: PDFDictionary = PDFDictionary()) {
        self.kind = kind
        self.entries = entries
    }

    /// Appends the dictionary with room for `contentsBytes` bytes, and says where its two placeholders are.
    package func write(
        to update: inout IncrementalUpdate, at reference: PDFReference, contentsBytes: Int
    ) -> SignaturePlaceholder {
        var byteRange = 0
        var contents = 0..<0
        // In an encrypted document everything but the signature itself is encrypted (7.6.2).
        let entries = update.encrypted(.dictionary(entries), at: reference).dictionaryValue ?? entries
        update.write(at: reference) { output in
            switch kind {
            case .signature: output.append(ascii: "<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached")
            case .documentTimestamp:
                output.append(ascii: "<</Type /DocTimeStamp/Filter /Adobe.PPKLite/SubFilter /ETSI.RFC3161")
            }
            output.append(ascii: "/ByteRange ")
            byteRange = output.count
            output.append(contentsOf: repeatElement(0x20, count: SignedByteRange.placeholderWidth))
            output.append(ascii: "/Contents <")
            let start = output.count
            var digits = contentsBytes * 2
            while digits > 0 {
                let part = min(digits, Self.zeros.count)
                output += Self.zeros[..<part]
                digits -= part
            }
            contents = start..<output.count
            output.append(UInt8(ascii: ">"))
            for entry in entries.entries {
                PDFSerializer.append(name: entry.key, to: &output)
                output.append(0x20)
                PDFSerializer.append(entry.value, to: &output)
            }
            output.append(ascii: ">>")
        }
        return SignaturePlaceholder(byteRange: byteRange, contents: contents)
    }
}
