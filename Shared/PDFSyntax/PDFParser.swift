// SPDX-License-Identifier: Apache-2.0

/// A recursive-descent parser over one slice of the file, without copies and without knowledge of other objects.
///
/// It notes when it looked past the end of the slice: then the answer, or the error, may be a product of the cut, and
/// whoever holds the file tries again with a longer slice.
struct PDFParser {
    /// What position 0 is, for messages.
    enum Place {
        /// That byte of the file.
        case file(Int)
        /// The first byte of that object stream's data.
        case objectStream(Int)
    }

    let bytes: [UInt8]
    let place: Place
    private let maximumNesting: Int
    private let maximumValues: Int
    private let start: Int
    private var values = 0
    /// The next byte to read.
    var position: Int
    /// True once a byte beyond the slice was asked for.
    private(set) var ranOut = false

    init(_ bytes: [UInt8], at position: Int = 0, place: Place = .file(0), limits: PDFLimits) {
        self.bytes = bytes
        self.position = position
        self.place = place
        start = position
        maximumNesting = limits.maximumNesting
        maximumValues = limits.maximumValues
    }

    /// What has been read since the beginning, as work: a value costs as much as many bytes.
    var work: Int { position - start + 32 * values }

    // MARK: Objects

    /// The next object; a reference needs three tokens of look-ahead (ISO 32000-2, 7.3.10).
    ///
    /// A word that is none of PDF's is taken as null, as other readers do.
    mutating func object(depth: Int = 0) throws(PDFError) -> PDFObject {
        guard depth < maximumNesting else {
            throw .tooComplex("Objects are nested more than \(maximumNesting) levels deep\(here).")
        }
        values += 1
        guard values <= maximumValues else {
            throw .tooComplex("An object holds more than \(maximumValues) values\(here).")
        }
        skipWhitespace()
        guard let byte = peek() else { throw damaged("An object ends where its value should begin") }
        switch byte {
        case UInt8(ascii: "/"):
            position += 1
            return .name(try name())
        case UInt8(ascii: "("):
            position += 1
            return .string(try literalString())
        case UInt8(ascii: "["):
            position += 1
            return .array(try array(depth: depth))
        case UInt8(ascii: "<"):
            position += 1
            guard peek() == UInt8(ascii: "<") else { return .string(try hexString()) }
            position += 1
            return .dictionary(try dictionary(depth: depth))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try numberOrReference()
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return try number()
        default:
            return try keyword(depth: depth)
        }
    }

    private mutating func array(depth: Int) throws(PDFError) -> [PDFObject] {
        var elements: [PDFObject] = []
        while true {
            skipWhitespace()
            guard let byte = peek() else { throw damaged("An array does not end") }
            if byte == UInt8(ascii: "]") {
                position += 1
                return elements
            }
            if elements.isEmpty { elements.reserveCapacity(4) }
            elements.append(try object(depth: depth + 1))
        }
    }

    private mutating func dictionary(depth: Int) throws(PDFError) -> PDFDictionary {
        var entries: [(key: String, value: PDFObject)] = []
        while true {
            skipWhitespace()
            guard let byte = peek() else { throw damaged("A dictionary does not end") }
            switch byte {
            case UInt8(ascii: ">"):
                guard takePrefix(">>") else { throw damaged("A dictionary ends with a single bracket") }
                return PDFDictionary(entries)
            case UInt8(ascii: "/"):
                position += 1
                if entries.isEmpty { entries.reserveCapacity(8) }
                let key = try name()
                skipWhitespace()
                entries.append((key, peek() == UInt8(ascii: ">") ? .null : try object(depth: depth + 1)))
            default:
                // What is no key is passed over, as in other readers.
                _ = try object(depth: depth + 1)
            }
        }
    }

    /// `true`, `false`, `null`, or a word that means nothing; one that ends an object is left where it stands.
    private mutating func keyword(depth: Int) throws(PDFError) -> PDFObject {
        let start = position
        while let byte = peek(), PDFCharacter.isRegular(byte) { position += 1 }
        guard position > start else { throw damaged("An object begins with a byte that begins no object") }
        switch position - start {
        case 4 where matches("null", at: start): return .null
        case 4 where matches("true", at: start): return .bool(true)
        case 5 where matches("false", at: start): return .bool(false)
        default: break
        }
        for word in ["endobj", "endstream", "stream", "obj", "xref", "trailer", "startxref"]
        where word.utf8.count == position - start && matches(word, at: start) {
            position = start
            guard depth == 0 else { throw damaged("An array or dictionary does not end before the object does") }
        }
        return .null
    }

    /// Where the values of a key stand in the dictionary of an indirect object; nil when it is no dictionary.
    mutating func valueRanges(of key: String) throws(PDFError) -> [Range<Int>]? {
        skipWhitespace()
        guard objectHeader() != nil else { return nil }
        skipWhitespace()
        guard takePrefix("<<") else { return nil }
        var ranges: [Range<Int>] = []
        while true {
            skipWhitespace()
            if takePrefix(">>") { return ranges }
            guard peek() == UInt8(ascii: "/") else { return nil }
            position += 1
            let found = try name()
            skipWhitespace()
            let start = position
            _ = try object(depth: 1)
            if found == key { ranges.append(start..<position) }
        }
    }

    /// `N G obj`, glued to what follows or not; nil where something else stands.
    mutating func objectHeader() -> (number: Int, generation: Int)? {
        guard let number = unsignedInteger() else { return nil }
        skipWhitespace()
        guard let generation = unsignedInteger() else { return nil }
        skipWhitespace()
        return takePrefix("obj") ? (number, generation) : nil
    }

    // MARK: Bytes

    /// The next byte, not consumed.
    mutating func peek() -> UInt8? {
        guard position < bytes.count else {
            ranOut = true
            return nil
        }
        return bytes[position]
    }

    /// Passes white space and comments (7.2.3, 7.2.4).
    mutating func skipWhitespace() {
        while let byte = peek() {
            if PDFCharacter.isWhitespace(byte) {
                position += 1
            } else if byte == UInt8(ascii: "%") {
                while let inside = peek(), inside != 0x0A, inside != 0x0D { position += 1 }
            } else {
                return
            }
        }
    }

    /// Consumes a keyword that stands by itself.
    mutating func take(_ keyword: String) -> Bool {
        let start = position
        guard takePrefix(keyword) else { return false }
        if let next = peek(), PDFCharacter.isRegular(next) {
            position = start
            return false
        }
        return true
    }

    /// Consumes a keyword whatever follows it: `obj` and `stream` are found glued to their neighbours in the wild.
    mutating func takePrefix(_ keyword: String) -> Bool {
        let length = keyword.utf8.count
        guard position + length <= bytes.count else {
            // A cut keyword asks for more bytes; another word does not.
            let start = position
            for byte in keyword.utf8 {
                guard peek() == byte else { break }
                position += 1
            }
            position = start
            return false
        }
        guard matches(keyword, at: position) else { return false }
        position += length
        return true
    }

    /// Consumes one line end, where there is one.
    mutating func takeLineEnd() {
        if peek() == 0x0D { position += 1 }
        if peek() == 0x0A { position += 1 }
    }

    /// The message with the byte at which it was found.
    func damaged(_ what: String) -> PDFError { .damaged(what + here + ".") }

    private var here: String {
        switch place {
        case .file(let origin): ", at byte \(origin + position) of the file"
        case .objectStream(let number): ", at byte \(position) of object stream \(number)"
        }
    }

    private func matches(_ keyword: String, at start: Int) -> Bool {
        var index = start
        for byte in keyword.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }
}
