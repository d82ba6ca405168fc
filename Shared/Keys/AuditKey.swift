// SPDX-License-Identifier: Apache-2.0
package import Cryptography

/// Signs audit checkpoints with Ed25519; only vault holds it.
package struct AuditKey: Sendable {
    private let key: PrivateKey
    /// What verifies the checkpoints; may be published.
    package let publicKey: PublicKey

    init(pem: [UInt8]) throws(KeysError) {
        let key = try ciphering { () throws(CryptographyError) in try PrivateKey(pem: pem) }
        publicKey = try ciphering { () throws(CryptographyError) in try key.publicKey() }
        self.key = key
    }

    /// The 64-byte signature of a message.
    package func sign(_ message: [UInt8]) throws(KeysError) -> [UInt8] {
        try ciphering { () throws(CryptographyError) in try key.sign(ed25519Message: message) }
    }
}
