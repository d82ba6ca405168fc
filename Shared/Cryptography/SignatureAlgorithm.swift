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
        /// Ed25519 (RFC 8032) over the message itself; `digest` is then that of the content (RFC 8419, 3).
        case ed25519
        /// DSA (FIPS 186-4, 4), read in old documents only.
        case dsa
    }

    /// The padding or curve arithmetic.
    package let scheme: Scheme
    /// The digest that is signed.
    package let digest: DigestAlgorithm
    /// The digest of MGF1, the same as `digest` in all that is signed here; without meaning for other schemes.
    package let maskDigest: DigestAlgorithm
    /// Bytes of salt of RSASSA-PSS, as many as the digest has in all that is signed here.
    package let saltByteCount: Int

    /// Any scheme with any digest; whether a key can be used with it shows when it signs.
    package init(scheme: Scheme, digest: DigestAlgorithm) {
        self.init(scheme: scheme, digest: digest, maskDigest: digest, saltByteCount: digest.byteCount)
    }

    /// RSASSA-PSS with parameters that others chose, for verifying.
    init(scheme: Scheme, digest: DigestAlgorithm, maskDigest: DigestAlgorithm, saltByteCount: Int) {
        self.scheme = scheme
        self.digest = digest
        self.maskDigest = maskDigest
        self.saltByteCount = saltByteCount
    }

    /// True for what keys here may sign: SHA-2 of 256 bits and more, and no DSA.
    package var isAllowedForSigning: Bool {
        switch scheme {
        case .rsaPKCS1, .rsaPSS, .ecdsa: digest.isAllowedForSigning && maskDigest == digest
        case .ed25519: true
        case .dsa: false
        }
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
    ///
    /// Defined for what may be signed here; other combinations have no meaning outside reading.
    package var algorithmIdentifierDER: [UInt8] {
        let sha2: [DigestAlgorithm] = [.sha256, .sha384, .sha512]
        let order = UInt8(sha2.firstIndex(of: digest) ?? 0)
        switch scheme {
        case .rsaPKCS1:
            return [
                0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 11 + order, 0x05, 0x00,
            ]
        case .ecdsa: return [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 2 + order]
        case .rsaPSS: return pssIdentifierDER
        case .ed25519: return [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70]
        case .dsa: return [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 2 + order]
        }
    }

    private var pssIdentifierDER: [UInt8] {
        let mgf1OID: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08]
        let pssOID: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A]
        let hash = Self.wrap(0xA0, digest.algorithmIdentifierDER)
        let mask = Self.wrap(0xA1, Self.wrap(0x30, mgf1OID + maskDigest.algorithmIdentifierDER))
        let salt = Self.wrap(0xA2, [0x02, 0x01, UInt8(clamping: saltByteCount)])
        return Self.wrap(0x30, pssOID + Self.wrap(0x30, hash + mask + salt))
    }

    /// Short-form lengths only: nothing here reaches 128 bytes.
    private static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag, UInt8(content.count)] + content
    }
}
