// SPDX-License-Identifier: Apache-2.0

/// What of a text is shown: no control characters, and nothing that turns the order of its surroundings.
enum DisplayText {
    /// Longer lines are cut: nobody reads them, and shaping costs time.
    static let maximumScalars = 2_000

    static func scalars(of text: String) -> [UInt32] {
        var scalars: [UInt32] = []
        for scalar in text.unicodeScalars.prefix(maximumScalars) {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: scalars.append(0x20)
            case 0x00...0x1F, 0x7F...0x9F: continue
            // Embeddings, overrides and isolates can make a name look like another one.
            case 0x202A...0x202E, 0x2066...0x2069: continue
            case 0xFFF9...0xFFFB: continue
            // Private characters mean nothing to anyone else, and PDF/A-4 allows none (ISO 19005-4, 6.2.10.8).
            case 0xE000...0xF8FF, 0xF0000...0x10FFFF: scalars.append(0xFFFD)
            default: scalars.append(scalar.value)
            }
        }
        return scalars
    }

    /// Joiners, direction marks, soft hyphens and variation selectors, which no font needs to cover.
    static func isIgnorable(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xAD, 0x34F, 0x61C, 0x180B...0x180F, 0x200B...0x200F, 0x2060...0x2064, 0xFE00...0xFE0F, 0xFEFF,
            0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}
