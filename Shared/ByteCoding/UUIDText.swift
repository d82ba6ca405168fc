// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

extension UUID {
    /// The sixteen bytes in network order.
    package var bytes: [UInt8] {
        let u = uuid
        return [
            u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15,
        ]
    }

    /// Takes exactly sixteen bytes in network order; nil for any other count.
    package init?(bytes b: some RandomAccessCollection<UInt8>) {
        guard b.count == 16 else { return nil }
        let b = Array(b)
        self.init(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            ))
    }

    /// The lower-case text form that Paraph uses in JSON, headers and paths.
    package var text: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(36)
        let (high, low) = halves
        for shift in stride(from: 60, through: 0, by: -4) {
            digits.append(Hex.digit(UInt8(high >> UInt64(shift) & 15)))
            if shift == 32 || shift == 16 { digits.append(0x2D) }
        }
        digits.append(0x2D)
        for shift in stride(from: 60, through: 0, by: -4) {
            digits.append(Hex.digit(UInt8(low >> UInt64(shift) & 15)))
            if shift == 48 { digits.append(0x2D) }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Reads the 8-4-4-4-12 form of either case and nothing else (no braces, no `urn:`).
    package init?(text: String) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for character in text.utf8 {
            switch position {
            case 8, 13, 18, 23:
                guard character == 0x2D else { return nil }
            case 36...:
                return nil
            default:
                guard let value = Hex.value(of: character) else { return nil }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(value)
            }
            position += 1
        }
        guard position == 36 else { return nil }
        self.init(high: high, low: low)
    }

    /// As for a whole string.
    package init?(text: Substring) { self.init(text: String(text)) }

    private init(high: UInt64, low: UInt64) {
        func byte(_ half: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: half >> (56 - 8 * index)) }
        self.init(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4),
                byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }

    private var halves: (high: UInt64, low: UInt64) {
        let u = uuid
        func half(
            _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8, _ g: UInt8, _ h: UInt8
        ) -> UInt64 {
            let top = UInt64(a) << 56 | UInt64(b) << 48 | UInt64(c) << 40 | UInt64(d) << 32
            return top | UInt64(e) << 24 | UInt64(f) << 16 | UInt64(g) << 8 | UInt64(h)
        }
        return (half(u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7), half(u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15))
    }
}
