// SPDX-License-Identifier: Apache-2.0

/// A recursive-descent parser over one slice of the file, without copies and without knowledge of other objects.
///
/// It notes when it looked past the end of the slice: then the answer, or the error, may be a product of the cut, and
/// whoever holds the file tries again with a longer slice.
struct PDFParser {
    private let bytes: [UInt8]
    private let limits: PDFLimits
    private var values = 0
    /// The next byte to read.
    var position: Int
    /// True once a byte beyond the slice was asked for.
    private(set) var ranOut = false

    init(_ bytes: [UInt8], at position: Int = 0, limits: PDFLimits) {
        self.bytes = bytes
        self.position = position
        self.limits = limits
    }

    // MARK: Objects

    /// The next object; a reference needs three tokens of look-ahead (ISO 32000-2, 7.3.10).
    mutating func object(depth: Int = 0) throws(PDFError) -> PDFObject {
        guard depth < limits.maximumNesting else {
            throw .tooComplex("Objects are nested more than \(limits.maximumNesting) levels deep.")
        }
        values += 1
        guard values <= limits.maximumValues else {
            throw .tooComplex("An object holds more than \(limits.maximumValues) values.")
        }
        skipWhitespace()
        guard let byte = peek() else { throw .damaged("An object ends where its value should begin.") }
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
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            if take("null") { return .null }
            throw .damaged("An object begins with a byte that begins no object.")
        }
    }

    private mutating func array(depth: Int) throws(PDFError) -> [PDFObject] {
        var elements: [PDFObject] = []
        while true {
            skipWhitespace()
            guard let byte = peek() else { throw .damaged("An array does not end.") }
            if byte == UInt8(ascii: "]") {
                position += 1
                return elements
            }
            elements.append(try object(depth: depth + 1))
        }
    }

    private mutating func dictionary(depth: Int) throws(PDFError) -> PDFDictionary {
        var entries: [(key: String, value: PDFObject)] = []
        while true {
            skipWhitespace()
            guard let byte = peek() else { throw .damaged("A dictionary does not end.") }
            if byte == UInt8(ascii: ">") {
                position += 1
                guard peek() == UInt8(ascii: ">") else { throw .damaged("A dictionary ends with a single bracket.") }
                position += 1
                return PDFDictionary(entries)
            }
            guard byte == UInt8(ascii: "/") else { throw .damaged("A dictionary key is not a name.") }
            position += 1
            let key = try name()
            entries.append((key, try object(depth: depth + 1)))
        }
    }

    private mutating func numberOrReference() throws(PDFError) -> PDFObject {
        let first = try number()
        guard case .integer(let objectNumber) = first, objectNumber > 0 else { return first }
        let afterFirst = position
        skipWhitespace()
        if position > afterFirst, let generation = unsignedInteger(), generation <= 65_535 {
            let afterSecond = position
            skipWhitespace()
            if position > afterSecond, peek() == UInt8(ascii: "R") {
                position += 1
                if peek().map(PDFCharacter.isRegular) != true {
                    return .reference(PDFReference(number: objectNumber, generation: generation))
                }
            }
        }
        position = afterFirst
        return first
    }

    private mutating func number() throws(PDFError) -> PDFObject {
        let start = position
        var value = 0
        var overflow = false
        var digits = 0
        var isReal = false
        var isNegative = false
        if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            isNegative = sign == UInt8(ascii: "-")
            position += 1
        }
        while let byte = peek(), PDFCharacter.isRegular(byte) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                let (product, high) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(Int(byte - 48))
                overflow = overflow || high || carry
                value = sum
            case UInt8(ascii: ".") where !isReal: isReal = true
            default: throw .damaged("A number holds a byte that is no digit.")
            }
            position += 1
        }
        guard digits > 0, position - start <= 400 else { throw .damaged("A number has no digits, or too many.") }
        if isReal || overflow { return .real(Array(bytes[start..<position])) }
        return .integer(isNegative ? -value : value)
    }

    /// Where the values of a key stand in the dictionary of an indirect object; nil when it is no dictionary.
    mutating func valueRanges(of key: String) throws(PDFError) -> [Range<Int>]? {
        skipWhitespace()
        guard unsignedInteger() != nil else { return nil }
        skipWhitespace()
        guard unsignedInteger() != nil else { return nil }
        skipWhitespace()
        guard takePrefix("obj") else { return nil }
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

    // MARK: Names and strings

    /// The rest of a name whose slash was read; `#xx` is decoded (7.3.5).
    private mutating func name() throws(PDFError) -> String {
        let start = position
        var hasEscape = false
        var isASCII = true
        while let byte = peek(), PDFCharacter.isRegular(byte) {
            if byte == UInt8(ascii: "#") { hasEscape = true }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        guard position - start <= 4_096 else { throw .damaged("A name is longer than 4096 bytes.") }
        if !hasEscape && isASCII { return String(decoding: bytes[start..<position], as: UTF8.self) }
        return Self.decodedName(bytes[start..<position])
    }

    private static func decodedName(_ raw: ArraySlice<UInt8>) -> String {
        var result = String.UnicodeScalarView()
        var index = raw.startIndex
        while index < raw.endIndex {
            var byte = raw[index]
            index += 1
            if byte == UInt8(ascii: "#"), index + 1 < raw.endIndex,
                let high = PDFCharacter.hexValue(raw[index]), let low = PDFCharacter.hexValue(raw[index + 1])
            {
                byte = high << 4 | low
                index += 2
            }
            result.append(Unicode.Scalar(byte))
        }
        return String(result)
    }

    private mutating func hexString() throws(PDFError) -> [UInt8] {
        var result: [UInt8] = []
        var pending: UInt8?
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: ">") {
                if let pending { result.append(pending << 4) }
                return result
            }
            if let digit = PDFCharacter.hexValue(byte) {
                if let high = pending {
                    result.append(high << 4 | digit)
                    pending = nil
                } else {
                    pending = digit
                }
            } else if !PDFCharacter.isWhitespace(byte) {
                throw .damaged("A hexadecimal string holds a byte that is no digit.")
            }
        }
        throw .damaged("A hexadecimal string does not end.")
    }

    private mutating func literalString() throws(PDFError) -> [UInt8] {
        var result: [UInt8] = []
        var open = 1
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "("): open += 1
            case UInt8(ascii: ")"):
                open -= 1
                if open == 0 { return result }
            case UInt8(ascii: "\\"):
                if let decoded = escapedByte() { result.append(decoded) }
                continue
            case UInt8(ascii: "\r"):
                if peek() == UInt8(ascii: "\n") { position += 1 }
                result.append(UInt8(ascii: "\n"))
                continue
            default: break
            }
            result.append(byte)
        }
        throw .damaged("A string does not end.")
    }

    /// What follows a backslash (7.3.4.2); nil for a line end, which it hides.
    private mutating func escapedByte() -> UInt8? {
        guard let byte = peek() else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "\r"):
            if peek() == UInt8(ascii: "\n") { position += 1 }
            return nil
        case UInt8(ascii: "\n"): return nil
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = Int(byte - 48)
            for _ in 0..<2 {
                guard let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { break }
                value = value * 8 + Int(digit - 48)
                position += 1
            }
            return UInt8(truncatingIfNeeded: value)
        default: return byte
        }
    }

    // MARK: Tokens

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
            if byte == UInt8(ascii: "%") {
                while let inside = peek(), inside != 0x0A, inside != 0x0D { position += 1 }
            } else if PDFCharacter.isWhitespace(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    /// Consumes a keyword that stands by itself.
    mutating func take(_ keyword: StaticString) -> Bool {
        let start = position
        guard takePrefix(keyword) else { return false }
        if let next = peek(), PDFCharacter.isRegular(next) {
            position = start
            return false
        }
        return true
    }

    /// Consumes a keyword whatever follows it: `obj` and `stream` are found glued to their neighbours in the wild.
    mutating func takePrefix(_ keyword: StaticString) -> Bool {
        let start = position
        for byte in keyword.description.utf8 {
            guard peek() == byte else {
                position = start
                return false
            }
            position += 1
        }
        return true
    }

    /// Consumes digits; nil, and nothing consumed, where there are none or too many.
    mutating func unsignedInteger() -> Int? {
        let start = position
        var value = 0
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let (product, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - 48))
            guard !high, !carry else {
                position = start
                return nil
            }
            value = sum
            position += 1
        }
        return position > start ? value : nil
    }
}

/// The character classes of ISO 32000-2, 7.2.3.
enum PDFCharacter {
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0x00 || byte == 0x0C
    }

    static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "/"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    static func isRegular(_ byte: UInt8) -> Bool { !isWhitespace(byte) && !isDelimiter(byte) }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }
}
