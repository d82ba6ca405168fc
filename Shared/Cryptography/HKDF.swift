// SPDX-License-Identifier: Apache-2.0

/// Key derivation with HMAC-SHA-256 (RFC 5869), extract and expand in one call.
package enum HKDF {
    /// Bytes that only `info` tells apart from others derived of the same key; at most 8,160 of them (RFC 5869, 2.3).
    package static func derive(key: [UInt8], salt: [UInt8] = [], info: [UInt8], byteCount: Int) -> [UInt8] {
        precondition((1...255 * SHA256.byteCount).contains(byteCount), "HKDF gives 1 to 8,160 bytes")
        let salt = salt.isEmpty ? [UInt8](repeating: 0, count: SHA256.byteCount) : salt
        let pseudoRandomKey = HMACSHA256.code(for: key, key: salt)
        var derived: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 1
        while derived.count < byteCount {
            block = HMACSHA256.code(for: block + info + [counter], key: pseudoRandomKey)
            derived += block
            counter &+= 1
        }
        return Array(derived.prefix(byteCount))
    }
}
