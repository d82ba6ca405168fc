// SPDX-License-Identifier: Apache-2.0

/// What a key is, as far as choosing an algorithm needs it.
package enum KeyKind: Sendable, Hashable, CustomStringConvertible {
    case rsa(bits: Int)
    case p256
    case p384
    case p521
    case ed25519
    /// A key that only verifies: another curve, RSA restricted to PSS, DSA; with OpenSSL's name of it.
    case other(name: String, bits: Int)

    /// True for RSA of 2048 to 4096 bits, P-256, P-384, P-521 and Ed25519; keys of other kinds only verify.
    package var isAllowedForSigning: Bool {
        switch self {
        case .rsa(let bits): (2048...4096).contains(bits)
        case .p256, .p384, .p521, .ed25519: true
        case .other: false
        }
    }

    /// The algorithm used where nothing else was chosen; nil for Ed25519, which signs messages and not digests,
    /// and for keys that only verify.
    package var defaultSignatureAlgorithm: SignatureAlgorithm? {
        switch self {
        case .rsa: .rsaPKCS1SHA256
        case .p256: .ecdsaSHA256
        case .p384: .ecdsaSHA384
        case .p521: .ecdsaSHA512
        case .ed25519, .other: nil
        }
    }

    /// For example "rsa2048".
    package var description: String {
        switch self {
        case .rsa(let bits): "rsa\(bits)"
        case .p256: "p256"
        case .p384: "p384"
        case .p521: "p521"
        case .ed25519: "ed25519"
        case .other(let name, let bits): "\(name) (\(bits) bits)"
        }
    }
}
