// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// How a digest is signed: the scheme and the digest it is made for.
package struct SignatureAlgorithm: Sendable, Hashable, CustomStringConvertible {
    /// The padding or curve arithmetic.
    package enum Scheme: String, Sendable, Hashable {
        /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2): the same digest gives the same signature.
        case rsaPKCS1
        /// RSASSA-PSS (RFC 8017, 8.1) with MGF1 of the same digest and a salt as long as the digest.
        case rsaPSS
        /// ECDSA (FIPS 186-5, 6) as a DER SEQUENCE of r and s.
        case ecdsa
    }

    /// The padding or curve arithmetic.
    package let scheme: Scheme
    /// The digest that is signed.
    package let digest: DigestAlgorithm

    /// Any scheme with any digest; whether a key can be used with it shows when it signs.
    package init(scheme: Scheme, digest: DigestAlgorithm) {
        self.scheme = scheme
        self.digest = digest
    }

    /// The default for RSA keys.
    package static let rsaPKCS1SHA256 = SignatureAlgorithm(scheme: .rsaPKCS1, digest: .sha256)
    /// RSA-PSS with SHA-256.
    package static let rsaPSSSHA256 = SignatureAlgorithm(scheme: .rsaPSS, digest: .sha256)
    /// The default for P-256 keys.
    package static let ecdsaSHA256 = SignatureAlgorithm(scheme: .ecdsa, digest: .sha256)
    /// The default for P-384 keys.
    package static let ecdsaSHA384 = SignatureAlgorithm(scheme: .ecdsa, digest: .sha384)
    /// The default for P-521 keys.
    package static let ecdsaSHA512 = SignatureAlgorithm(scheme: .ecdsa, digest: .sha512)

    /// For example "rsaPKCS1-sha256".
    package var description: String { "\(scheme.rawValue)-\(digest.rawValue)" }

    /// The DER AlgorithmIdentifier of a CMS SignerInfo or a certificate (RFC 4055, 3.1 and 5; RFC 5758, 3.2).
    package var algorithmIdentifierDER: [UInt8] {
        switch scheme {
        case .rsaPKCS1:
            let last: UInt8 =
                switch digest {
                case .sha256: 11
                case .sha384: 12
                case .sha512: 13
                }
            return [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last, 0x05, 0x00]
        case .ecdsa:
            let last: UInt8 =
                switch digest {
                case .sha256: 2
                case .sha384: 3
                case .sha512: 4
                }
            return [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, last]
        case .rsaPSS:
            return pssIdentifierDER
        }
    }

    private var pssIdentifierDER: [UInt8] {
        let digestIdentifier = digest.algorithmIdentifierDER
        let pssOID: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A]
        let mgf1OID: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08]
        let hash = Self.wrap(0xA0, digestIdentifier)
        let mask = Self.wrap(0xA1, Self.wrap(0x30, mgf1OID + digestIdentifier))
        let salt = Self.wrap(0xA2, [0x02, 0x01, UInt8(digest.byteCount)])
        return Self.wrap(0x30, pssOID + Self.wrap(0x30, hash + mask + salt))
    }

    /// Short-form lengths only: nothing here reaches 128 bytes.
    private static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag, UInt8(content.count)] + content
    }
}

/// What a key is, as far as choosing an algorithm needs it.
package enum KeyKind: Sendable, Hashable, CustomStringConvertible {
    case rsa(bits: Int)
    case p256
    case p384
    case p521
    case ed25519

    /// The algorithm used where nothing else was chosen; nil for Ed25519, which signs messages and not digests.
    package var defaultSignatureAlgorithm: SignatureAlgorithm? {
        switch self {
        case .rsa: .rsaPKCS1SHA256
        case .p256: .ecdsaSHA256
        case .p384: .ecdsaSHA384
        case .p521: .ecdsaSHA512
        case .ed25519: nil
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
        }
    }
}
