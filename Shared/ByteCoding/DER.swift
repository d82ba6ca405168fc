// SPDX-License-Identifier: Apache-2.0

/// Writes distinguished encoding (X.690).
package enum DER {
    /// One element of a tag and the concatenated parts as its content.
    package static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        element(tag, parts: parts)
    }

    /// The same with the parts in an array.
    package static func element(_ tag: UInt8, parts: [[UInt8]]) -> [UInt8] {
        let length = parts.reduce(0) { $0 + $1.count }
        var output: [UInt8] = []
        output.reserveCapacity(size(ofContent: length))
        appendHeader(tag, length: length, to: &output)
        for part in parts { output += part }
        return output
    }

    /// Appends tag and length of an element whose content of `length` bytes the caller appends.
    package static func appendHeader(_ tag: UInt8, length: Int, to output: inout [UInt8]) {
        output.append(tag)
        guard length >= 0x80 else {
            output.append(UInt8(length))
            return
        }
        let octets = lengthOctets(length)
        output.append(0x80 | UInt8(octets))
        for shift in stride(from: (octets - 1) * 8, through: 0, by: -8) {
            output.append(UInt8(truncatingIfNeeded: length >> shift))
        }
    }

    /// Bytes of a whole element around content of `length` bytes.
    package static func size(ofContent length: Int) -> Int {
        length + 2 + (length < 0x80 ? 0 : lengthOctets(length))
    }

    private static func lengthOctets(_ length: Int) -> Int { (Int.bitWidth - length.leadingZeroBitCount + 7) / 8 }

    /// SEQUENCE of whole elements.
    package static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts: parts) }

    /// SET OF with its elements in the order of their encodings (X.690, 11.6).
    package static func setOf(tag: UInt8 = 0x31, _ elements: [[UInt8]]) -> [UInt8] {
        element(tag, parts: elements.sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// OCTET STRING.
    package static func octetString(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
}
