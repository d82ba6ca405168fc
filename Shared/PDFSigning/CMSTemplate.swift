// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography

/// The parts of a CMS signature that a credential's signatures have in common, as DER ready to be copied.
struct CMSTemplate: Sendable {
    let digestAlgorithm: DigestAlgorithm
    /// The signed attributes as the SET OF that is hashed, with a digest of zeros (RFC 5652, 5.4).
    let signedAttributes: [UInt8]
    /// Where the message digest stands in `signedAttributes`.
    let digestOffset: Int
    let maximumSignatureBytes: Int
    /// SignedData's content up to the SignerInfos: version, digest algorithms, content type, certificates.
    private let signedDataHead: [UInt8]
    /// SignerInfo's content up to the signed attributes: version, issuer and serial, digest algorithm.
    private let signerHead: [UInt8]
    private let signatureAlgorithm: [UInt8]

    init(leaf: Certificate, chain: [Certificate], algorithm: SignatureAlgorithm) {
        digestAlgorithm = algorithm.digest
        let digestIdentifier = algorithm.digest.algorithmIdentifierDER
        let digest = DER.octetString([UInt8](repeating: 0, count: algorithm.digest.byteCount))
        let messageDigest = DER.sequence(ObjectIdentifier.messageDigest, DER.setOf([digest]))
        // Elements of a SET OF stand in the order of their encodings (X.690, 11.6): lengths decide here, so that the
        // order does not depend on the digest.
        let attributes = [
            DER.sequence(ObjectIdentifier.contentType, DER.setOf([ObjectIdentifier.data])), messageDigest,
            Self.signingCertificate(leaf),
        ].sorted { $0.lexicographicallyPrecedes($1) }
        signedAttributes = DER.element(0x31, parts: attributes)
        let content = attributes.reduce(0) { $0 + $1.count }
        let before = attributes.prefix { $0 != messageDigest }.reduce(0) { $0 + $1.count }
        digestOffset = signedAttributes.count - content + before + messageDigest.count - algorithm.digest.byteCount
        signedDataHead =
            [0x02, 0x01, 0x01] + DER.setOf([digestIdentifier]) + DER.sequence(ObjectIdentifier.data)
            + DER.setOf(tag: 0xA0, chain.map(\.der))
        signerHead = [0x02, 0x01, 0x01] + DER.sequence(leaf.issuerDER, leaf.serialDER) + digestIdentifier
        signatureAlgorithm = algorithm.algorithmIdentifierDER
        maximumSignatureBytes =
            switch leaf.publicKey.kind {
            case .rsa(let bits): (bits + 7) / 8
            // Two INTEGERs of one byte more than the curve's size, and their headers (RFC 3279, 2.2.3).
            case .p256: 72
            case .p384: 104
            case .p521: 139
            case .ed25519, .other: 64
            }
    }

    /// Bytes of a ContentInfo with a signature value and unsigned attributes of these lengths.
    func byteCount(signature: Int, unsigned: Int) -> Int {
        lengths(signature: signature, unsigned: unsigned).total
    }

    /// The ContentInfo; `attributes` are `signedAttributes` with the digest in its place.
    func encoded(attributes: [UInt8], signature: [UInt8], unsigned: [[UInt8]]) -> [UInt8] {
        let unsignedBytes = unsigned.reduce(0) { $0 + $1.count }
        let lengths = lengths(signature: signature.count, unsigned: unsignedBytes)
        var output: [UInt8] = []
        output.reserveCapacity(lengths.total)
        DER.appendHeader(0x30, length: lengths.contentInfo, to: &output)
        output += ObjectIdentifier.signedData
        DER.appendHeader(0xA0, length: DER.size(ofContent: lengths.signedData), to: &output)
        DER.appendHeader(0x30, length: lengths.signedData, to: &output)
        output += signedDataHead
        DER.appendHeader(0x31, length: DER.size(ofContent: lengths.signer), to: &output)
        DER.appendHeader(0x30, length: lengths.signer, to: &output)
        output += signerHead
        // In the SignerInfo the attributes are tagged [0] instead.
        output.append(0xA0)
        output += attributes[1...]
        output += signatureAlgorithm
        DER.appendHeader(0x04, length: signature.count, to: &output)
        output += signature
        if unsignedBytes > 0 {
            DER.appendHeader(0xA1, length: unsignedBytes, to: &output)
            for attribute in unsigned { output += attribute }
        }
        return output
    }

    private func lengths(
        signature: Int, unsigned: Int
    ) -> (total: Int, contentInfo: Int, signedData: Int, signer: Int) {
        let unsignedElement = unsigned == 0 ? 0 : DER.size(ofContent: unsigned)
        let signer =
            signerHead.count + signedAttributes.count + signatureAlgorithm.count + DER.size(ofContent: signature)
            + unsignedElement
        let signedData = signedDataHead.count + DER.size(ofContent: DER.size(ofContent: signer))
        let contentInfo =
            ObjectIdentifier.signedData.count + DER.size(ofContent: DER.size(ofContent: signedData))
        return (DER.size(ofContent: contentInfo), contentInfo, signedData, signer)
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
