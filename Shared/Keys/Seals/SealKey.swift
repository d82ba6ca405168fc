// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// Where a seal's private key is: in our key store, or in a token that signs for us.
enum SealKey: Sendable {
    case held(PrivateKey)
    case token(TokenSealKey)

    private static let tokenPrefix = Array("pkcs11:".utf8)

    /// Reads what a seal's file holds: the key as PEM, or the URI of one that never leaves its token.
    init(content: [UInt8]) throws(KeysError) {
        if content.starts(with: Self.tokenPrefix) {
            self = .token(try TokenSealKey(uri: String(decoding: content, as: UTF8.self)))
        } else {
            self = .held(try ciphering { () throws(CryptographyError) in try PrivateKey(pem: content) })
        }
    }

    func content() throws(KeysError) -> [UInt8] {
        switch self {
        case .held(let key): try ciphering { () throws(CryptographyError) in try key.pem() }
        case .token(let key): Array(key.uri.utf8)
        }
    }
}
