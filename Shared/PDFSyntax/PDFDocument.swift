// SPDX-License-Identifier: Apache-2.0
package import ByteCoding

/// A PDF file opened lazily: cross-reference sections and catalog are read, everything else when it is asked for.
///
/// It holds no copy of a large file and changes nothing; safe to share between tasks.
package struct PDFDocument: Sendable {
    /// Bytes in the file.
    package let size: Int
    /// What the parser allows.
    package let limits: PDFLimits
    /// The trailer of the newest section (ISO 32000-2, 7.5.5).
    package let trailer: PDFDictionary
    /// Where the document catalog is.
    package let catalogReference: PDFReference
    /// The document catalog (7.7.2).
    package let catalog: PDFDictionary
    /// Whether the last byte ends a line; an update begins with a line end otherwise (PDF/A-2, 6.1.9).
    package let endsWithLineEnd: Bool
    let reader: ObjectReader

    /// Opens a file.
    /// - Throws: `PDFError` with the code that an upload is refused with.
    package init(source: any ByteSource, limits: PDFLimits = .default) throws(PDFError) {
        let window = try FileWindow(source, limits: limits)
        let headerOffset = try FileStructure.headerOffset(window)
        let start = try FileStructure.startOffset(window, limits: limits)
        do throws(PDFError) {
            reader = try ObjectReader(window: window, limits: limits, startOffset: start)
        } catch {
            guard headerOffset > 0, error.code == .damaged else { throw error }
            throw .unsupported("There are \(headerOffset) bytes before the header, and offsets do not count them.")
        }
        guard let newest = reader.sections.first?.trailer else { throw .damaged("There is no trailer.") }
        guard !reader.sections.contains(where: { $0.trailer["Encrypt"] != nil && $0.trailer["Encrypt"] != .null })
        else {
            throw PDFError(.encrypted, "The document is encrypted; upload it without a password.")
        }
        guard let root = newest["Root"]?.referenceValue else { throw .damaged("The trailer names no catalog.") }
        guard case .dictionary(let catalog) = try reader.object(root) else {
            throw .damaged("The document catalog is missing.")
        }
        self.catalog = catalog
        self.limits = limits
        size = window.size
        trailer = newest
        catalogReference = root
        endsWithLineEnd =
            try window.bytes((window.size - 1)..<window.size).last.map { $0 == 0x0A || $0 == 0x0D } ?? false
    }

    /// The form of the newest cross-reference section.
    package var crossReferenceForm: CrossReferenceForm { reader.sections[0].form }

    /// Where the newest cross-reference section is.
    package var crossReferenceOffset: Int { reader.sections[0].offset }

    /// One more than the largest object number that any section knows.
    package var objectCount: Int {
        reader.sections.reduce(trailer["Size"]?.integerValue ?? 1) { max($0, $1.upperBound) }
    }

    /// The object at an address; null where there is none.
    package func object(_ reference: PDFReference) throws(PDFError) -> PDFObject {
        try reader.object(reference)
    }

    /// Follows a reference; anything else is returned as it is, nothing as null.
    package func resolved(_ object: PDFObject?) throws(PDFError) -> PDFObject {
        try reader.resolved(object ?? .null)
    }

    /// The decoded data of a stream; only filters of structure streams are known.
    package func data(of stream: PDFStream) throws(PDFError) -> [UInt8] {
        try reader.decoded(stream)
    }

    /// Bytes of the file as they are, cut where it ends.
    package func bytes(_ range: Range<Int>) throws(PDFError) -> [UInt8] {
        try reader.window.bytes(range)
    }

    /// Where an uncompressed object begins; nil for one in an object stream.
    package func offset(of reference: PDFReference) throws(PDFError) -> Int? {
        guard case .atOffset(let offset, _) = try reader.entry(of: reference.number) else { return nil }
        return offset
    }

    /// Where a value stands in the file; nil unless the object is an uncompressed dictionary with that key once.
    package func range(ofValue key: String, in reference: PDFReference) throws(PDFError) -> Range<Int>? {
        guard let offset = try offset(of: reference) else { return nil }
        return try reader.window.parse(at: offset) { parser, origin throws(PDFError) in
            try parser.valueRanges(of: key).map { $0.map { ($0.lowerBound + origin)..<($0.upperBound + origin) } }
        }.flatMap { $0.count == 1 ? $0[0] : nil }
    }

    /// Offsets of all cross-reference sections, newest first.
    package var sectionOffsets: [Int] { reader.sections.map(\.offset) }
}

/// The two fixed points of a file (ISO 32000-2, 7.5.2 and 7.5.5).
enum FileStructure {
    private static let headerWithin = 1_024

    /// Where `%PDF-` stands.
    static func headerOffset(_ window: FileWindow) throws(PDFError) -> Int {
        let head = try window.bytes(0..<headerWithin)
        guard let offset = firstIndex(of: "%PDF-", in: head) else {
            throw PDFError(.notAPDF, "The file does not begin with a PDF header.")
        }
        return offset
    }

    /// The number after the last `startxref`.
    static func startOffset(_ window: FileWindow, limits: PDFLimits) throws(PDFError) -> Int {
        let tail = try window.bytes(max(0, window.size - limits.tailBytes)..<window.size)
        guard let keyword = lastIndex(of: "startxref", in: tail) else {
            throw PDFError(.truncated, "The end of the file is missing: there is no startxref near it.")
        }
        var parser = PDFParser(tail, at: keyword + 9, limits: .default)
        while let byte = parser.peek(), PDFCharacter.isWhitespace(byte) { parser.position += 1 }
        guard let offset = parser.unsignedInteger() else {
            throw PDFError(.truncated, "The file ends behind startxref, before its number.")
        }
        guard firstIndex(of: "%%EOF", in: Array(tail[parser.position...])) != nil else {
            throw PDFError(.truncated, "The file ends before its end-of-file marker.")
        }
        guard offset < window.size else { throw .damaged("startxref points behind the end of the file.") }
        return offset
    }

    private static func firstIndex(of text: StaticString, in bytes: [UInt8]) -> Int? {
        let pattern = Array(text.description.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (0...(bytes.count - pattern.count)).first { matches(pattern, bytes, $0) }
    }

    private static func lastIndex(of text: StaticString, in bytes: [UInt8]) -> Int? {
        let pattern = Array(text.description.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (0...(bytes.count - pattern.count)).last { matches(pattern, bytes, $0) }
    }

    private static func matches(_ pattern: [UInt8], _ bytes: [UInt8], _ start: Int) -> Bool {
        bytes[start] == pattern[0] && pattern.indices.allSatisfy { bytes[start + $0] == pattern[$0] }
    }
}
