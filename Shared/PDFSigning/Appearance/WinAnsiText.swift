// SPDX-License-Identifier: Apache-2.0

/// Text in WinAnsiEncoding with its width in Helvetica (ISO 32000-2, annex D; Adobe Core 14 metrics).
///
/// Latin letters outside the encoding lose their marks (ł becomes l); other scripts become question marks.
struct WinAnsiText: Sendable, Equatable {
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = text.unicodeScalars.compactMap(Self.byte)
    }

    /// At a font size of 1.
    var width: Double {
        Double(bytes.reduce(0) { $0 + Self.widths[Int($1)] }) / 1000
    }

    private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0xFF: return UInt8(scalar.value)
        case 0x09, 0x0A, 0x0D: return 0x20
        // Combining marks that follow a letter.
        case 0x00...0x1F, 0x7F...0x9F, 0x300...0x36F: return nil
        case 0x100...0x17F: return special[scalar] ?? latinExtendedA[Int(scalar.value - 0x100)]
        case 0x218, 0x219, 0x21A, 0x21B: return Array("SsTt".utf8)[Int(scalar.value - 0x218)]
        case 0x1E9E: return UInt8(ascii: "S")
        default: return special[scalar] ?? UInt8(ascii: "?")
        }
    }

    /// The scalars of 0x80...0x9F.
    private static let special: [Unicode.Scalar: UInt8] = [
        "€": 0x80, "‚": 0x82, "ƒ": 0x83, "„": 0x84, "…": 0x85, "†": 0x86, "‡": 0x87, "ˆ": 0x88, "‰": 0x89, "Š": 0x8A,
        "‹": 0x8B, "Œ": 0x8C, "Ž": 0x8E, "‘": 0x91, "’": 0x92, "“": 0x93, "”": 0x94, "•": 0x95, "–": 0x96, "—": 0x97,
        "˜": 0x98, "™": 0x99, "š": 0x9A, "›": 0x9B, "œ": 0x9C, "ž": 0x9E, "Ÿ": 0x9F,
    ]

    /// Base letters of U+0100 to U+017F.
    private static let latinExtendedA = Array(
        ("AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTt"
            + "UuUuUuUuUuUuWwYyYZzZzZzs").utf8)

    private static let widths: [Int] = {
        var widths = [Int](repeating: 556, count: 256)
        let ascii = [
            278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
            556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
            500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
            556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
            278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
        ]
        for (index, width) in ascii.enumerated() { widths[32 + index] = width }
        let latin = [
            667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778,
            778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500, 556, 556,
            556, 556, 278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556,
            500,
        ]
        for (index, width) in latin.enumerated() { widths[0xC0 + index] = width }
        for (byte, width) in [
            (0x82, 222), (0x84, 333), (0x85, 1000), (0x89, 1000), (0x8A, 667), (0x8C, 1000), (0x8E, 611), (0x91, 222),
            (0x92, 222), (0x93, 333), (0x94, 333), (0x95, 350), (0x97, 1000), (0x99, 1000), (0x9A, 500), (0x9C, 944),
            (0x9E, 500), (0x9F, 667), (0xA0, 278),
        ] {
            widths[byte] = width
        }
        return widths
    }()
}
