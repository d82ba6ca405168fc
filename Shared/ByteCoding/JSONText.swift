// SPDX-License-Identifier: Apache-2.0

/// Writing pieces of JSON text straight into a byte buffer, for lines and answers that are built by hand.
package enum JSONText {
    /// Appends a quoted string with the escapes of RFC 8785, 3.2.2.2, which are the fewest that JSON allows.
    package static func writeString(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            writeEscaped(text, into: &output)
        } else {
            output.append(contentsOf: text.utf8)
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The text of a member's value as it stands in the text of an object; nil when there is no such member.
    ///
    /// - Parameter object: Well-formed JSON, which was parsed before; member names with escapes are not recognised.
    package static func member(_ name: String, of object: [UInt8]) -> ArraySlice<UInt8>? {
        var depth = 0
        var string: Int?  // where the current string began
        var last = 0..<0  // the latest whole string on the first level: a name, when a colon follows
        var value: Int?  // where the wanted value began
        var position = 0
        while position < object.count {
            let byte = object[position]
            if let start = string {
                if byte == UInt8(ascii: "\\") {
                    position += 1
                } else if byte == UInt8(ascii: "\"") {
                    string = nil
                    if depth == 1 { last = start + 1..<position }
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): string = position
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
                    if depth == 1, let value { return object[value..<position] }
                    if byte != UInt8(ascii: ",") { depth -= 1 }
                case UInt8(ascii: ":"):
                    if depth == 1, object[last].elementsEqual(name.utf8) { value = position + 1 }
                default: break
                }
            }
            position += 1
        }
        return nil
    }

    private static func writeEscaped(_ text: String, into output: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case ..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(Hex.digit(byte >> 4))
                output.append(Hex.digit(byte & 15))
            default: output.append(byte)
            }
        }
    }
}

/// Number to text as ECMAScript does it (ECMA-262, 6.1.6.1.20), which RFC 8785 requires.
package enum ECMAScriptNumber {
    /// The shortest digits that read back as the same double; the value has to be finite.
    package static func text(of value: Double) -> String {
        precondition(value.isFinite, "JSON has no infinity and no NaN")
        if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 { return String(whole) }
        let (digits, exponent) = shortestDigits(of: value.magnitude)
        let sign = value < 0 ? "-" : ""
        let count = digits.count
        // `exponent` is n of the standard: the value is 0.digits x 10^n.
        if count <= exponent, exponent <= 21 {
            return sign + digits + String(repeating: "0", count: exponent - count)
        }
        if 0 < exponent, exponent <= 21 {
            return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
        }
        if -6 < exponent, exponent <= 0 {
            return sign + "0." + String(repeating: "0", count: -exponent) + digits
        }
        let power = exponent - 1
        let suffix = "e" + (power < 0 ? "-" : "+") + String(power.magnitude)
        if count == 1 { return sign + digits + suffix }
        return sign + digits.prefix(1) + "." + digits.dropFirst(1) + suffix
    }

    /// Takes Swift's shortest round-trip text apart into significant digits and a decimal exponent.
    private static func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var digits = Substring(whole + fraction)
        exponent += whole.count
        while digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), exponent)
    }
}
