// SPDX-License-Identifier: Apache-2.0

/// A recursive descent parser over RFC 8259 text; the depth limit bounds its recursion.
struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func parseText() throws(JSONValueError) -> JSONValue {
        let value = try parseValue(depth: 1)
        skipWhitespace()
        guard position == bytes.count else { throw fault(.trailingBytes) }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONValueError) -> JSONValue {
        skipWhitespace()
        switch try peek() {
        case UInt8(ascii: "{"): return try parseObject(depth: depth)
        case UInt8(ascii: "["): return try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw fault(.unexpectedByte)
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONValueError) -> JSONValue {
        guard depth <= maximumDepth else { throw fault(.tooDeep) }
        position += 1
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipWhitespace()
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
            let key = try parseString()
            skipWhitespace()
            try expect(UInt8(ascii: ":"))
            let value = try parseValue(depth: depth + 1)
            guard members.updateValue(value, forKey: key) == nil else {
                throw JSONValueError(reason: .duplicateKey, offset: start)
            }
            skipWhitespace()
            if try peek() == UInt8(ascii: ",") {
                position += 1
            } else {
                try expect(UInt8(ascii: "}"))
                return .object(members)
            }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONValueError) -> JSONValue {
        guard depth <= maximumDepth else { throw fault(.tooDeep) }
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            skipWhitespace()
            if try peek() == UInt8(ascii: ",") {
                position += 1
            } else {
                try expect(UInt8(ascii: "]"))
                return .array(elements)
            }
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONValueError) -> JSONValue {
        for expected in word.description.utf8 { try expect(expected) }
        return value
    }

    private mutating func parseNumber() throws(JSONValueError) -> JSONValue {
        let start = position
        var isInteger = true
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if try peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // "-0" is a double: an integer has no negative zero.
        if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw JSONValueError(reason: .numberOutOfRange, offset: start)
        }
        return .number(value)
    }

    private mutating func skipDigits() throws(JSONValueError) {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > start else { throw fault(position < bytes.count ? .invalidNumber : .unexpectedEnd) }
    }

    private mutating func parseString() throws(JSONValueError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = String(validating: bytes[start..<position], as: UTF8.self)
                guard let text else { throw JSONValueError(reason: .invalidUTF8, offset: start) }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
            guard byte >= 0x20 else { throw fault(.controlCharacter) }
            position += 1
        }
        throw fault(.unexpectedEnd)
    }

    /// Goes on at the first backslash; what stands before it is copied as it is.
    private mutating func parseEscapedString(from start: Int) throws(JSONValueError) -> String {
        var content = Array(bytes[start..<position])
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw JSONValueError(reason: .invalidUTF8, offset: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try parseEscape(into: &content)
            case ..<0x20:
                throw fault(.controlCharacter)
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    private mutating func parseEscape(into content: inout [UInt8]) throws(JSONValueError) {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try parseUnicodeEscape()
            content.append(contentsOf: String(Character(scalar)).utf8)
        default:
            position -= 1
            throw fault(.invalidEscape)
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONValueError) -> Unicode.Scalar {
        let start = position - 2
        let first = try parseFourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Only surrogates are no scalars: a high one has to be followed by an escaped low one.
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONValueError(reason: .invalidEscape, offset: start) }
        position += 2
        let second = try parseFourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONValueError(reason: .invalidEscape, offset: start) }
        return scalar
    }

    private mutating func parseFourDigits() throws(JSONValueError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: try peek()) else { throw fault(.invalidEscape) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func expect(_ byte: UInt8) throws(JSONValueError) {
        guard try peek() == byte else { throw fault(.unexpectedByte) }
        position += 1
    }

    private func peek() throws(JSONValueError) -> UInt8 {
        guard position < bytes.count else { throw fault(.unexpectedEnd) }
        return bytes[position]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func fault(_ reason: JSONValueError.Reason) -> JSONValueError {
        JSONValueError(reason: reason, offset: position)
    }
}
