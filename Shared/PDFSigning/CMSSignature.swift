// SPDX-License-Identifier: Apache-2.0
package import Cryptography
import ByteCoding

/// A detached CMS SignedData of PAdES baseline (RFC 5652; EN 319 142-1, 6.3), written straight as DER.
///
/// The signed attributes are exactly content-type, message-digest and signing-certificate-v2; there is no signing-time.
package struct CMSSignature: Sendable {
    private let template: CMSTemplate
    /// The signed attributes as the SET OF that is hashed and signed (RFC 5652, 5.4).
    private let signedAttributes: [UInt8]

    /// Prepares what is to be signed.
    /// - Parameter digest: The digest of the byte range by the algorithm's own digest (RFC 5652, 5.4).
    /// - Throws: `CryptographyError.invalidArgument` for a digest of a length that the algorithm does not have.
    package init(digest: [UInt8], credential: SigningCredential) throws(CryptographyError) {
        template = credential.template
        guard digest.count == template.digestAlgorithm.byteCount else {
            throw .invalidArgument("a \(template.digestAlgorithm.rawValue) digest has not \(digest.count) bytes")
        }
        var attributes = template.signedAttributes
        attributes.replaceSubrange(template.digestOffset..<(template.digestOffset + digest.count), with: digest)
        signedAttributes = attributes
    }

    /// What the key signs: the digest of the DER SET OF attributes.
    package var digestToSign: [UInt8] { template.digestAlgorithm.digest(of: signedAttributes) }

    /// The whole ContentInfo around a signature value.
    /// - Parameter unsignedAttributes: Whole DER attributes, for example from `signatureTimestamp(token:)`.
    package func encoded(signature: [UInt8], unsignedAttributes: [[UInt8]] = []) -> [UInt8] {
        template.encoded(
            attributes: signedAttributes, signature: signature,
            unsigned: unsignedAttributes.count > 1
                ? unsignedAttributes.sorted { $0.lexicographicallyPrecedes($1) } : unsignedAttributes)
    }

    /// The unsigned attribute that proves a time for the signature value (RFC 3161, appendix A).
    /// - Parameter token: A TimeStampToken over the digest of the signature value.
    package static func signatureTimestamp(token: [UInt8]) -> [UInt8] {
        DER.sequence(ObjectIdentifier.signatureTimestamp, DER.setOf([token]))
    }
}
