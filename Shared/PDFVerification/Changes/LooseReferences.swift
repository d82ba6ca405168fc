// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The references in an object that cannot be parsed: other readers may make something of it.
enum LooseReferences {
    private static let mostBytes = 64 << 10

    /// Every `12 0 R` from an offset to the next `endobj`; nil when none ends it within 64 KiB.
    static func numbers(from offset: Int, in document: PDFDocument) throws(PDFError) -> [Int]? {
        var bytes: [UInt8] = []
        var end: Int?
        while end == nil, bytes.count < mostBytes, offset + bytes.count < document.size {
            let start = max(0, bytes.count - 6)
            bytes += try document.bytes((offset + bytes.count)..<(offset + bytes.count + (16 << 10)))
            end = bytes[start...].indices.first { bytes[$0...].starts(with: "endobj".utf8) }
        }
        guard let end else { return nil }
        return bytes[..<end].indices.compactMap { index in
            bytes[index] == UInt8(ascii: "R") ? number(before: index, in: bytes) : nil
        }
    }

    /// The first of two numbers right before an index.
    private static func number(before index: Int, in bytes: [UInt8]) -> Int? {
        var position = index
        var value: Int?
        for _ in 0..<2 {
            while position > 0, bytes[position - 1] <= 0x20 { position -= 1 }
            let end = position
            while position > 0, end - position < 12, (48...57).contains(bytes[position - 1]) { position -= 1 }
            guard position < end else { return nil }
            value = bytes[position..<end].reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        return value
    }
}
