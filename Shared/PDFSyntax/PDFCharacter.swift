// SPDX-License-Identifier: Apache-2.0

/// The character classes of ISO 32000-2, 7.2.3.
enum PDFCharacter {
    /// NUL, tab, line feed, form feed, carriage return and space, one bit each.
    private static var whitespaceBits: UInt64 { 1 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 32 }

    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && whitespaceBits >> UInt64(byte) & 1 == 1
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

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }
}
