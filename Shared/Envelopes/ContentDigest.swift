// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// A SHA-256 of content, written as 64 lower-case hexadecimal digits.
package struct ContentDigest: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// Takes a computed digest and answers nil unless it has 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits and answers nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
        self.bytes = bytes
    }

    /// The lower-case text form.
    package var hex: String { Hex.encode(bytes) }

    package var description: String { hex }

    /// Reads a JSON string.
    ///
    /// - Throws: `DecodingError` for anything but 64 hexadecimal digits.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = ContentDigest(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected 64 hexadecimal digits")
        }
        self = value
    }

    /// Writes the text form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
