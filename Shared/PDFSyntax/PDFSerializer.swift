// SPDX-License-Identifier: Apache-2.0

/// Writes objects in the plainest form of ISO 32000-2, 7.3.
package enum PDFSerializer {
    /// Appends one object; a stream's dictionary is written without its data.
    package static func append(_ object: PDFObject, to output: inout [UInt8]) {
        switch object {
        case .null: output.append(ascii: "null")
        case .bool(let value): output.append(ascii: value ? "true" : "false")
        case .integer(let value): output.append(decimal: value)
        case .real(let text): output += text
        case .string(let bytes): append(string: bytes, to: &output)
        case .name(let name): append(name: name, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(0x20) }
                append(element, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .dictionary(let dictionary): append(dictionary, to: &output)
        case .stream(let stream): append(stream.dictionary, to: &output)
        case .reference(let reference):
            output.append(decimal: reference.number)
            output.append(0x20)
            output.append(decimal: reference.generation)
            output.append(ascii: " R")
        }
    }

    /// Appends a dictionary; of two equal keys only the last is written.
    package static func append(_ dictionary: PDFDictionary, to output: inout [UInt8]) {
        output.append(ascii: "<<")
        let entries = dictionary.entries
        for (index, entry) in entries.enumerated() {
            if entries.count <= 64, entries[(index + 1)...].contains(where: { $0.key == entry.key }) { continue }
            append(name: entry.key, to: &output)
            output.append(0x20)
            append(entry.value, to: &output)
        }
        output.append(ascii: ">>")
    }

    /// Appends a name with its slash; bytes outside the regular ASCII ones become `#xx`.
    package static func append(name: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "/"))
        guard name.utf8.allSatisfy(isPlain) else { return append(escaping: name, to: &output) }
        output.append(contentsOf: name.utf8)
    }

    private static func append(escaping name: String, to output: inout [UInt8]) {
        for scalar in name.unicodeScalars {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            if isPlain(byte) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "#"))
                output.append(hex: byte)
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") && PDFCharacter.isRegular(byte)
    }

    /// Appends a string: in brackets when all of it is printable ASCII, else in hexadecimal.
    package static func append(string bytes: [UInt8], to output: inout [UInt8]) {
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            output.append(UInt8(ascii: "<"))
            for byte in bytes { output.append(hex: byte) }
            output.append(UInt8(ascii: ">"))
            return
        }
        output.append(UInt8(ascii: "("))
        for byte in bytes {
            if byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "\\") {
                output.append(UInt8(ascii: "\\"))
            }
            output.append(byte)
        }
        output.append(UInt8(ascii: ")"))
    }

    /// A text string (7.9.2.2): ASCII as it is, anything else as UTF-16BE with its mark.
    package static func textString(_ text: String) -> PDFObject {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return .string(Array(text.utf8)) }
        var bytes: [UInt8] = [0xFE, 0xFF]
        for unit in text.utf16 {
            bytes.append(UInt8(unit >> 8))
            bytes.append(UInt8(unit & 0xFF))
        }
        return .string(bytes)
    }

    /// What a text string says: UTF-16BE, UTF-8 with its mark, or bytes taken as Latin-1.
    package static func text(of bytes: [UInt8]) -> String {
        if bytes.starts(with: [0xFE, 0xFF]) {
            let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return String(decoding: units, as: UTF16.self)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return String(decoding: bytes.dropFirst(3), as: UTF8.self) }
        var scalars = String.UnicodeScalarView()
        for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
        return String(scalars)
    }
}

extension [UInt8] {
    /// Appends ASCII text.
    package mutating func append(ascii text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends a number in decimal.
    package mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: value.magnitude, width: 1)
    }

    /// Appends a number in decimal with leading zeros, as cross-reference entries need it.
    package mutating func append(decimal value: Int, width: Int) {
        append(digitsOf: value.magnitude, width: width)
    }

    private mutating func append(digitsOf value: UInt, width: Int) {
        var rest = value / 10
        var digits = 1
        while rest > 0 {
            rest /= 10
            digits += 1
        }
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(digits, width)))
        rest = value
        var place = endIndex
        while rest > 0 {
            place -= 1
            self[place] += UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Appends two hexadecimal digits.
    package mutating func append(hex byte: UInt8) {
        let high = byte >> 4
        let low = byte & 15
        append(high < 10 ? 48 + high : 55 + high)
        append(low < 10 ? 48 + low : 55 + low)
    }
}
