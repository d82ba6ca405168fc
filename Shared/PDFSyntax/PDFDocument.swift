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
    /// Behind the last `%%EOF` and that line's end.
    let lastMarkerEnd: Int
    let reader: ObjectReader

    /// Opens a file; an encrypted one with the empty password, or with this one as the user's or the owner's.
    ///
    /// Where bytes stand before the header, offsets count from it or from the first byte: as the file itself shows.
    /// - Throws: `PDFError` with the code that an upload is refused with.
    package init(
        source: any ByteSource, limits: PDFLimits = .default, password: String? = nil
    ) throws(PDFError) {
        let window = try FileWindow(source, limits: limits)
        let header = try FileStructure.headerOffset(window, limits: limits)
        let start = try FileStructure.start(window, limits: limits)
        guard header > 0 else {
            self = try Self(window: window, start: start, limits: limits, password: password)
            return
        }
        let fromHeader = Result { () throws(PDFError) in
            try Self(window: window.counting(from: header), start: start, limits: limits, password: password)
        }
        if case .success(let document) = fromHeader, document.irregularities.isEmpty {
            self = document
        } else if let document = try? Self(
            window: window.counting(from: 0), start: start, limits: limits, password: password),
            document.irregularities.isEmpty || (try? fromHeader.get()) == nil
        {
            self = document
            reader.window.account.overlook(.offsetsBeforeHeader)
        } else {
            self = try fromHeader.get()
        }
        reader.window.account.overlook(.bytesBeforeHeader)
    }

    private init(
        window: FileWindow, start: (stated: Int, end: Int), limits: PDFLimits, password: String?
    ) throws(PDFError) {
        reader = try ObjectReader(window: window, limits: limits, startOffset: start.stated, password: password)
        trailer = try Self.trailer(of: reader)
        guard let root = trailer["Root"]?.referenceValue else { throw .damaged("The trailer names no catalog.") }
        guard case .dictionary(let catalog) = try reader.object(root) else {
            throw .damaged("The document catalog, object \(root.number), is missing or no dictionary.")
        }
        self.catalog = catalog
        self.limits = limits
        size = window.size
        lastMarkerEnd = start.end
        catalogReference = root
        let last = try window.slice((window.size - 1)..<window.size).last
        endsWithLineEnd = last == 0x0A || last == 0x0D
    }

    /// The newest trailer; what it must repeat from older ones and does not (7.5.6) is taken from there.
    private static func trailer(of reader: ObjectReader) throws(PDFError) -> PDFDictionary {
        guard var trailer = reader.sections.first?.trailer else { throw .damaged("There is no trailer.") }
        for key in ["Root", "Encrypt", "ID", "Info"] where trailer[key] == nil {
            for section in reader.sections.dropFirst() {
                guard let value = section.trailer[key], value != .null else { continue }
                trailer[key] = value
                if key == "Root" { reader.window.account.overlook(.incompleteTrailer) }
                break
            }
        }
        return trailer
    }

    /// How the document is encrypted; nil when it is not.
    package var encryption: DocumentEncryption? { reader.encryption }

    /// The form of the newest cross-reference section.
    package var crossReferenceForm: CrossReferenceForm { reader.sections[0].form }

    /// Where the newest cross-reference section is, in bytes of the file.
    package var crossReferenceOffset: Int { reader.sections[0].offset }

    /// What the offsets in the file count from: where its header stands, or 0.
    package var offsetBase: Int { reader.window.base }

    /// Where the file departs from the standard, as far as it was read by now.
    package var irregularities: PDFIrregularities { reader.window.account.irregularities }

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

    /// The decoded data of a stream; the filters of images are not known.
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

    /// Offsets of all cross-reference sections in bytes of the file, newest first.
    package var sectionOffsets: [Int] { reader.sections.map(\.offset) }
}
