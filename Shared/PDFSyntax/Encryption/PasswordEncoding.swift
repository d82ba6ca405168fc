// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The byte strings that a typed password may stand for (ISO 32000-2, 7.6.4.3).
enum PasswordEncoding {
    private static let modernBytes = 127

    /// Up to revision 4: PDFDocEncoding, then UTF-8, which many producers used instead.
    static func legacy(_ password: String) -> [[UInt8]] {
        let composed = password.precomposedStringWithCanonicalMapping
        var candidates = [Array(password.utf8)]
        if let encoded = pdfDocEncoded(composed), encoded != candidates[0] { candidates.insert(encoded, at: 0) }
        return candidates
    }

    /// From revision 5 on: UTF-8 of the compatibility composition, which is what SASLprep (RFC 4013, 2.2) comes down to
    /// for passwords without prohibited characters, then what careless producers used; 127 bytes count.
    static func modern(_ password: String) -> [[UInt8]] {
        let spaced = String(String.UnicodeScalarView(password.unicodeScalars.compactMap(mapped)))
        var candidates = [Array(spaced.precomposedStringWithCompatibilityMapping.utf8.prefix(modernBytes))]
        for other in legacy(password).reversed().map({ Array($0.prefix(modernBytes)) })
        where !candidates.contains(other) {
            candidates.append(other)
        }
        return candidates
    }

    /// RFC 4013, 2.1: spaces of any kind become one kind, and what maps to nothing goes.
    private static func mapped(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.properties.generalCategory == .spaceSeparator { return " " }
        switch scalar.value {
        case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: return nil
        default: return scalar
        }
    }

    /// Nil when a character has no place in PDFDocEncoding (Annex D.2).
    private static func pdfDocEncoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if let index = special.firstIndex(of: scalar) {
                bytes.append(index < 8 ? UInt8(0x18 + index) : UInt8(0x80 + index - 8))
            } else if scalar.value < 0x80 || (0xA1...0xFF).contains(scalar.value) {
                bytes.append(UInt8(scalar.value))
            } else {
                return nil
            }
        }
        return bytes
    }

    /// 18 to 1F and 80 to A0, in order; 9F is not defined.
    private static let special = Array(
        ("\u{2D8}\u{2C7}\u{2C6}\u{2D9}\u{2DD}\u{2DB}\u{2DA}\u{2DC}"
            + "\u{2022}\u{2020}\u{2021}\u{2026}\u{2014}\u{2013}\u{192}\u{2044}\u{2039}\u{203A}\u{2212}\u{2030}\u{201E}"
            + "\u{201C}\u{201D}\u{2018}\u{2019}\u{201A}\u{2122}\u{FB01}\u{FB02}\u{141}\u{152}\u{160}\u{178}\u{17D}\u{131}"
            + "\u{142}\u{153}\u{161}\u{17E}\u{FFFD}\u{20AC}").unicodeScalars)
}
