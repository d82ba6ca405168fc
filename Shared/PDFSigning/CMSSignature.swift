// SPDX-License-Identifier: Apache-2.0
package import Cryptography
import ByteCoding

/// A detached CMS SignedData of PAdES baseline B-B (RFC 5652; EN 319 142-1, 6.3), written straight as DER.
///
/// The signed attributes are exactly content-type, message-digest and signing-certificate-v2; there is no signing-time.
package struct CMSSignature: Sendable {
    private let chain: [Certificate]
    private let leaf: Certificate
    private let algorithm: SignatureAlgorithm
    private let digestAlgorithm: [UInt8]
    /// The signed attributes as the SET OF that is hashed and signed (RFC 5652, 5.4).
    private let signedAttributes: [UInt8]

    /// Prepares what is to be signed.
    /// - Parameter digest: The digest of the byte range by the algorithm's own digest (RFC 5652, 5.4).
    /// - Parameter chain: The signing certificate first, then its issuers.
    /// - Returns: Nil for an empty chain.
    package init?(digest: [UInt8], chain: [Certificate], signatureAlgorithm: SignatureAlgorithm) {
        guard let leaf = chain.first else { return nil }
        self.chain = chain
        self.leaf = leaf
        algorithm = signatureAlgorithm
        digestAlgorithm = signatureAlgorithm.digest.algorithmIdentifierDER
        let contentType = DER.sequence(ObjectIdentifier.contentType, DER.setOf([ObjectIdentifier.data]))
        let messageDigest = DER.sequence(ObjectIdentifier.messageDigest, DER.setOf([DER.octetString(digest)]))
        signedAttributes = DER.setOf([contentType, messageDigest, Self.signingCertificate(leaf)])
    }

    /// What the key signs: the digest of the DER SET OF attributes.
    package var digestToSign: [UInt8] { algorithm.digest.digest(of: signedAttributes) }

    /// The whole ContentInfo around a signature value.
    package func encoded(signature: [UInt8]) -> [UInt8] {
        var implicitAttributes = signedAttributes
        implicitAttributes[0] = 0xA0
        let signerInfo = DER.sequence(
            [0x02, 0x01, 0x01], DER.sequence(leaf.issuerDER, leaf.serialDER), digestAlgorithm, implicitAttributes,
            algorithm.algorithmIdentifierDER, DER.octetString(signature))
        let signedData = DER.sequence(
            [0x02, 0x01, 0x01], DER.setOf([digestAlgorithm]), DER.sequence(ObjectIdentifier.data),
            DER.setOf(tag: 0xA0, chain.map(\.der)), DER.setOf([signerInfo]))
        return DER.sequence(ObjectIdentifier.signedData, DER.element(0xA0, signedData))
    }

    /// Builds the signature around one call of the key.
    /// - Throws: What `sign` throws, or `CryptographyError.invalidArgument` for an empty chain or a digest of a length
    ///   that the algorithm does not have.
    package static func build(
        digest: [UInt8], chain: [Certificate], signatureAlgorithm: SignatureAlgorithm,
        sign: (_ digest: [UInt8]) async throws -> [UInt8]
    ) async throws -> [UInt8] {
        guard digest.count == signatureAlgorithm.digest.byteCount,
            let signature = CMSSignature(digest: digest, chain: chain, signatureAlgorithm: signatureAlgorithm)
        else {
            throw CryptographyError.invalidArgument("a CMS signature needs a certificate and a digest of its algorithm")
        }
        return signature.encoded(signature: try await sign(signature.digestToSign))
    }

    /// The largest signature that this chain and its key can give, to the byte for RSA.
    package static func reservedBytes(chain: [Certificate], signatureAlgorithm: SignatureAlgorithm) -> Int {
        let empty = [UInt8](repeating: 0, count: signatureAlgorithm.digest.byteCount)
        guard let leaf = chain.first,
            let signature = CMSSignature(digest: empty, chain: chain, signatureAlgorithm: signatureAlgorithm)
        else { return 0 }
        let valueBytes =
            switch leaf.publicKey.kind {
            case .rsa(let bits): (bits + 7) / 8
            // Two INTEGERs of one byte more than the curve's size, and their headers (RFC 3279, 2.2.3).
            case .p256: 72
            case .p384: 104
            case .p521: 139
            case .ed25519: 64
            }
        return signature.encoded(signature: [UInt8](repeating: 0, count: valueBytes)).count
    }

    /// SigningCertificateV2 with its default SHA-256 and the issuer and serial (RFC 5035, 3 and 4).
    private static func signingCertificate(_ certificate: Certificate) -> [UInt8] {
        let generalNames = DER.sequence(DER.element(0xA4, certificate.issuerDER))
        let identifier = DER.sequence(
            DER.octetString(certificate.sha256), DER.sequence(generalNames, certificate.serialDER))
        return DER.sequence(
            ObjectIdentifier.signingCertificateV2, DER.setOf([DER.sequence(DER.sequence(identifier))]))
    }
}
