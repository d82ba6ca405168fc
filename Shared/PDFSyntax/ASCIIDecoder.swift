// SPDX-License-Identifier: Apache-2.0

/// The two filters that write bytes as text (ISO 32000-2, 7.4.2 and 7.4.3); what is no digit is passed over.
enum ASCIIDecoder {
    static func hexadecimal(_ data: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.count / 2)
        var pending: UInt8?
        for byte in data {
            if byte == UInt8(ascii: ">") { break }
            guard let digit = PDFCharacter.hexValue(byte) else { continue }
            if let high = pending {
                output.append(high << 4 | digit)
                pending = nil
            } else {
                pending = digit
            }
        }
        if let pending { output.append(pending << 4) }
        return output
    }

    static func base85(_ data: ArraySlice<UInt8>, maximumBytes: Int) throws(PDFError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(min(maximumBytes, data.count / 5 * 4 + 4))
        var group: UInt64 = 0
        var digits = 0
        for byte in data {
            switch byte {
            case UInt8(ascii: "~"):
                append(group, digits, to: &output)
                return output
            case UInt8(ascii: "z") where digits == 0:
                output += [0, 0, 0, 0]
            case UInt8(ascii: "!")...UInt8(ascii: "u"):
                group = group * 85 + UInt64(byte - UInt8(ascii: "!"))
                digits += 1
                if digits == 5 {
                    append(group, digits, to: &output)
                    (group, digits) = (0, 0)
                }
            default: continue
            }
            guard output.count <= maximumBytes else {
                throw .tooComplex("Its data is larger than \(maximumBytes) bytes when opened.")
            }
        }
        append(group, digits, to: &output)
        return output
    }

    /// A group of n digits holds n − 1 bytes.
    private static func append(_ group: UInt64, _ digits: Int, to output: inout [UInt8]) {
        guard digits > 1 else { return }
        var value = group
        for _ in digits..<5 { value = value * 85 + 84 }
        for index in 0..<(digits - 1) { output.append(UInt8(truncatingIfNeeded: value >> UInt64(24 - 8 * index))) }
    }
}
