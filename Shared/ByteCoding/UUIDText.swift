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
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { digits.append(0x2D) }
            digits.append(Hex.digit(byte >> 4))
            digits.append(Hex.digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Reads the 8-4-4-4-12 form of either case and nothing else (no braces, no `urn:`).
    package init?(text: some StringProtocol) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var high: UInt8?
        var position = 0
        for character in text.utf8 {
            switch position {
            case 8, 13, 18, 23:
                guard character == 0x2D else { return nil }
            case 36...:
                return nil
            default:
                guard let value = Hex.value(of: character) else { return nil }
                if let upper = high {
                    bytes.append(upper << 4 | value)
                    high = nil
                } else {
                    high = value
                }
            }
            position += 1
        }
        guard position == 36 else { return nil }
        self.init(bytes: bytes)
    }
}
