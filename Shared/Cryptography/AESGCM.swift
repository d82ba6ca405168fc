// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags; sealed bytes are ciphertext, then tag.
package enum AESGCM {
    /// Bytes in a key.
    package static let keyByteCount = 32
    /// Bytes in a nonce; a nonce must never be used twice with one key.
    package static let nonceByteCount = 12
    /// Bytes by which sealing makes a message longer.
    package static let tagByteCount = 16

    /// Seals one message.
    /// - Throws: `CryptographyError.invalidArgument` for a key or nonce of another length.
    package static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8] = []
    ) throws(CryptographyError) -> [UInt8] {
        try AESGCMSealer(key: key).seal(plaintext[...], nonce: nonce, aad: aad)
    }

    /// Opens one message.
    /// - Throws: `CryptographyError.authenticationFailed` when any input differs from what sealed it.
    package static func open(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8] = []
    ) throws(CryptographyError) -> [UInt8] {
        try AESGCMOpener(key: key).open(sealed[...], nonce: nonce, aad: aad)
    }
}

/// Seals many messages under one key, whose schedule is computed once.
package final class AESGCMSealer: Sendable {
    private let context: CipherContext

    /// - Throws: `CryptographyError.invalidArgument` when the key has not 32 bytes.
    package init(key: [UInt8]) throws(CryptographyError) {
        context = try CipherContext(key: key, isSealing: true)
    }

    /// Ciphertext and tag of one message.
    package func seal(
        _ plaintext: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try context.seal(plaintext, nonce: nonce, aad: aad)
    }
}

/// Opens many messages under one key, whose schedule is computed once.
package final class AESGCMOpener: Sendable {
    private let context: CipherContext

    /// - Throws: `CryptographyError.invalidArgument` when the key has not 32 bytes.
    package init(key: [UInt8]) throws(CryptographyError) {
        context = try CipherContext(key: key, isSealing: false)
    }

    /// The message, only after its tag was found right.
    /// - Throws: `CryptographyError.authenticationFailed` when any input differs from what sealed it.
    package func open(
        _ sealed: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try context.open(sealed, nonce: nonce, aad: aad)
    }
}
