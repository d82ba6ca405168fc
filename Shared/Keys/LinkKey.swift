// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
package import FoundationEssentials

/// Derives the bearer tokens of signing links; only intake and notifier hold it.
package struct LinkKey: Sendable {
    private let key: [UInt8]

    init(key: [UInt8]) { self.key = key }

    /// The same token for the same request and generation, 122 of its bits from the HMAC; the version and variant bits
    /// are those of a random UUID (RFC 9562, 5.4).
    package func token(request: UUID, generation: Int) -> UUID {
        let number = UInt64(bitPattern: Int64(generation)).bigEndianBytes
        let code = HMACSHA256.code(for: Array("paraph/link/v1".utf8) + request.bytes + number, key: key)
        var bytes = Array(code.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(bytes: bytes) ?? request
    }
}

extension FixedWidthInteger {
    /// Most significant byte first.
    package var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
