// SPDX-License-Identifier: Apache-2.0

/// The two fixed points of a file (ISO 32000-2, 7.5.2 and 7.5.5).
enum FileStructure {
    /// Where `%PDF-` stands.
    static func headerOffset(_ window: FileWindow, limits: PDFLimits) throws(PDFError) -> Int {
        guard let offset = firstIndex(of: "%PDF-", in: try window.slice(0..<limits.headBytes)) else {
            throw PDFError(.notAPDF, "There is no PDF header in the first \(limits.headBytes) bytes of the file.")
        }
        return offset
    }

    /// The number after the last `startxref`, and the offset behind its `%%EOF` and that line's end.
    static func start(_ window: FileWindow, limits: PDFLimits) throws(PDFError) -> (stated: Int, end: Int) {
        let tail = try window.slice(max(0, window.size - limits.tailBytes)..<window.size)
        guard let keyword = lastIndex(of: "startxref", in: tail) else {
            throw PDFError(.truncated, "The end of the file is missing: there is no startxref near it.")
        }
        let origin = window.size - tail.count
        return try window.parse(at: keyword - tail.startIndex + origin) { parser, origin throws(PDFError) in
            parser.position += "startxref".utf8.count
            while let byte = parser.peek(), PDFCharacter.isWhitespace(byte) { parser.position += 1 }
            guard let offset = parser.unsignedInteger() else {
                throw PDFError(.truncated, "The file ends behind startxref, before its number.")
            }
            while !parser.takePrefix("%%EOF") {
                guard parser.peek() != nil else {
                    throw PDFError(.truncated, "The file ends before its end-of-file marker.")
                }
                parser.position += 1
            }
            parser.takeLineEnd()
            return (offset, origin + parser.position)
        }
    }

    private static func firstIndex(of text: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
        let pattern = Array(text.description.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - pattern.count)).first { matches(pattern, bytes, $0) }
    }

    private static func lastIndex(of text: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
        let pattern = Array(text.description.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - pattern.count)).last { matches(pattern, bytes, $0) }
    }

    private static func matches(_ pattern: [UInt8], _ bytes: ArraySlice<UInt8>, _ start: Int) -> Bool {
        bytes[start] == pattern[0] && pattern.indices.allSatisfy { bytes[start + $0] == pattern[$0] }
    }
}
