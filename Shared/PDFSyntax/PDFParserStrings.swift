// SPDX-License-Identifier: Apache-2.0

/// Names and strings (ISO 32000-2, 7.3.4 and 7.3.5).
extension PDFParser {
    /// Names that PDF defines are short; the limit keeps a missing delimiter from becoming a name of megabytes.
    private static var maximumNameBytes: Int { 4_096 }

    /// The rest of a name whose slash was read; `#xx` is decoded (7.3.5).
    mutating func name() throws(PDFError) -> String {
        let start = position
        var isPlain = true
        while let byte = peek(), PDFCharacter.isRegular(byte) {
            if byte == UInt8(ascii: "#") || byte >= 0x80 { isPlain = false }
            position += 1
        }
        guard position - start <= Self.maximumNameBytes else {
            throw damaged("A name is longer than \(Self.maximumNameBytes) bytes")
        }
        return isPlain
            ? String(decoding: bytes[start..<position], as: UTF8.self) : Self.decodedName(bytes[start..<position])
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

    /// The rest of a hexadecimal string; what is no digit is passed over, as in other readers.
    mutating func hexString() throws(PDFError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(16)
        var pending: UInt8?
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: ">") {
                if let pending { result.append(pending << 4) }
                return result
            }
            guard let digit = PDFCharacter.hexValue(byte) else { continue }
            if let high = pending {
                result.append(high << 4 | digit)
                pending = nil
            } else {
                pending = digit
            }
        }
        throw damaged("A hexadecimal string does not end")
    }

    /// The rest of a string in brackets.
    mutating func literalString() throws(PDFError) -> [UInt8] {
        let start = position
        plain: while let byte = peek() {
            switch byte {
            case UInt8(ascii: ")"):
                position += 1
                return Array(bytes[start..<(position - 1)])
            case UInt8(ascii: "("), UInt8(ascii: "\\"), UInt8(ascii: "\r"): break plain
            default: position += 1
            }
        }
        return try literalString(continuing: Array(bytes[start..<position]))
    }

    private mutating func literalString(continuing beginning: [UInt8]) throws(PDFError) -> [UInt8] {
        var result = beginning
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
        throw damaged("A string does not end")
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
}
