// SPDX-License-Identifier: Apache-2.0

/// An object with its number, as it stands in the file (ISO 32000-2, 7.3.10).
struct IndirectObject {
    let number: Int
    let generation: Int
    let object: PDFObject

    /// The object of that address, at the offset or a few bytes from there.
    static func read(
        _ reference: PDFReference, at offset: Int, window: FileWindow, limits: PDFLimits
    ) throws(PDFError) -> PDFObject {
        if offset < window.size, let found = try readIfThere(at: offset, expecting: reference, window: window) {
            return found.object
        }
        guard let place = try place(of: reference, near: offset, window: window, limits: limits),
            let found = try readIfThere(at: place, expecting: reference, window: window)
        else {
            throw .damaged(
                "Object \(reference.number) \(reference.generation) does not begin at byte \(offset) of the file, "
                    + "where the cross-reference says, nor near it.")
        }
        window.account.overlook(.objectOffset)
        return found.object
    }

    /// Nil where no header stands, or another one.
    static func readIfThere(
        at offset: Int, expecting reference: PDFReference?, window: FileWindow
    ) throws(PDFError) -> IndirectObject? {
        try window.parse(at: offset) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            guard let header = parser.objectHeader() else { return nil }
            if let reference, header != (reference.number, reference.generation) { return nil }
            let object = try parser.object()
            guard case .dictionary(let dictionary) = object else {
                return IndirectObject(number: header.number, generation: header.generation, object: object)
            }
            parser.skipWhitespace()
            guard parser.takePrefix("stream") else {
                return IndirectObject(number: header.number, generation: header.generation, object: object)
            }
            // Only a line end may follow the keyword; spaces before it are overlooked.
            let start = parser.position
            while parser.peek() == 0x20 || parser.peek() == 0x09 { parser.position += 1 }
            if parser.peek() != 0x0D, parser.peek() != 0x0A { parser.position = start }
            parser.takeLineEnd()
            let stream = PDFStream(dictionary: dictionary, dataOffset: origin + parser.position)
            return IndirectObject(number: header.number, generation: header.generation, object: .stream(stream))
        }
    }

    /// The one place near an offset where `N G obj` stands.
    private static func place(
        of reference: PDFReference, near offset: Int, window: FileWindow, limits: PDFLimits
    ) throws(PDFError) -> Int? {
        let start = max(0, offset - limits.searchDistance)
        let text = Array("\(reference.number) \(reference.generation) obj".utf8)
        let near = try window.bytes(start..<(max(start, offset) + limits.searchDistance + text.count))
        try window.account.spend(near.count)
        guard near.count >= text.count else { return nil }
        var found: Int?
        for index in 0...(near.count - text.count) where near[index..<(index + text.count)].elementsEqual(text) {
            if index > 0, PDFCharacter.isRegular(near[index - 1]) { continue }
            guard found == nil else { return nil }
            found = start + index
        }
        return found
    }
}
