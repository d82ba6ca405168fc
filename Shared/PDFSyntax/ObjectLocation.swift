// SPDX-License-Identifier: Apache-2.0

/// Where objects stand, for whoever compares two states of a document.
extension PDFDocument {
    /// What the newest section that knows a number says of it; nil when none does.
    package func entry(of number: Int) throws(PDFError) -> CrossReferenceEntry? {
        try reader.entry(of: number)
    }

    /// The object that a number stands for now, whatever its generation; null where there is none.
    package func currentObject(_ number: Int) throws(PDFError) -> PDFObject {
        switch try reader.entry(of: number) {
        case nil, .free: .null
        case .atOffset(_, let generation): try object(PDFReference(number: number, generation: generation))
        case .inStream: try object(PDFReference(number: number))
        }
    }

    /// The bytes that an uncompressed object takes, from its number to the end of its value or stream data.
    /// - Throws: `PDFError` where no object begins at the offset.
    package func extent(ofObjectAt offset: Int) throws(PDFError) -> Range<Int> {
        let parsed = try reader.window.parse(at: offset) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            let start = origin + parser.position
            for _ in 0..<2 {
                guard parser.unsignedInteger() != nil else {
                    throw PDFError(.damaged, "No object begins at offset \(offset).")
                }
                parser.skipWhitespace()
            }
            guard parser.takePrefix("obj") else { throw PDFError(.damaged, "No object begins at offset \(offset).") }
            let object = try parser.object()
            var end = origin + parser.position
            parser.skipWhitespace()
            guard parser.takePrefix("stream") else { return (object: object, start: start, end: end, isStream: false) }
            if parser.peek() == 0x0D { parser.position += 1 }
            if parser.peek() == 0x0A { parser.position += 1 }
            end = origin + parser.position
            return (object: object, start: start, end: end, isStream: true)
        }
        guard parsed.isStream, let dictionary = parsed.object.dictionaryValue else {
            return parsed.start..<max(parsed.start, parsed.end)
        }
        let length = try resolved(dictionary["Length"]).integerValue ?? 0
        guard length >= 0, length <= size - parsed.end else { throw .damaged("A stream is longer than the file.") }
        return parsed.start..<(parsed.end + length)
    }
}
