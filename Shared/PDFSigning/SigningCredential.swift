// SPDX-License-Identifier: Apache-2.0
package import Cryptography

/// A certificate chain with the use of its key, and everything about the two that does not change between signatures.
///
/// The key is behind a closure: it may be in a sealed file, in a PKCS#11 token or in another process. What crosses that
/// boundary is one digest in one direction and one signature value in the other; the document never does.
package struct SigningCredential: Sendable {
    /// Gets a digest by `algorithm.digest` and gives the signature value, an ECDSA one as a DER SEQUENCE of r and s.
    package typealias Sign = @Sendable (_ digest: [UInt8]) async throws -> [UInt8]

    /// The signing certificate first, then its issuers; the root may be left out.
    package let chain: [Certificate]
    /// What signatures are made with; its digest is also that of the byte range (RFC 5652, 5.4).
    package let algorithm: SignatureAlgorithm
    let template: CMSTemplate
    private let use: Sign

    /// Encodes what is the same in every signature.
    /// - Throws: `CryptographyError.invalidArgument` for an empty chain.
    package init(chain: [Certificate], algorithm: SignatureAlgorithm, sign: @escaping Sign) throws(CryptographyError) {
        guard let leaf = chain.first else {
            throw .invalidArgument("a signing credential needs at least the signer's own certificate")
        }
        self.chain = chain
        self.algorithm = algorithm
        template = CMSTemplate(leaf: leaf, chain: chain, algorithm: algorithm)
        use = sign
    }

    /// One use of the key.
    /// - Throws: What the closure throws.
    package func sign(digest: [UInt8]) async throws -> [UInt8] { try await use(digest) }

    /// The largest CMS signature that chain and key can give, to the byte for RSA.
    /// - Parameter unsignedBytes: What the unsigned attributes are expected to have, as encoded attributes.
    package func reservedBytes(unsignedBytes: Int = 0) -> Int {
        template.byteCount(signature: template.maximumSignatureBytes, unsigned: unsignedBytes)
    }
}
