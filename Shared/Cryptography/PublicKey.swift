// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import COpenSSL

/// A public key; equal when the SubjectPublicKeyInfo is.
package struct PublicKey: Sendable, Hashable {
    /// The DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    package let subjectPublicKeyInfoDER: [UInt8]
    private let handle: KeyHandle

    /// The bits of the key without algorithm, tag and count of unused bits: what OCSP hashes (RFC 6960, 4.1.1).
    package var keyBits: [UInt8] {
        let reader = DERReader(subjectPublicKeyInfoDER)
        guard let bits = reader.root.flatMap(reader.children(of:))?.last, !bits.content.isEmpty else { return [] }
        return Array(reader.content(bits).dropFirst())
    }

    /// Algorithm and size.
    package var kind: KeyKind { handle.kind }

    /// - Throws: `CryptographyError.unreadableKey`, or `unsupportedAlgorithm` for kinds not used here.
    package init(subjectPublicKeyInfoDER der: [UInt8]) throws(CryptographyError) {
        let pointer = decodeDER(der, d2i_PUBKEY)?.pointer
        guard let pointer else {
            ERR_clear_error()
            throw .unreadableKey
        }
        handle = try KeyHandle(adopting: pointer, signing: false)
        subjectPublicKeyInfoDER = der
    }

    /// True when the signature was made over this digest by the matching private key.
    package func isValid(signature: [UInt8], digest: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        defer { ERR_clear_error() }
        guard digest.count == algorithm.digest.byteCount else { return false }
        do throws(CryptographyError) {
            return try handle.withContext(start: EVP_PKEY_verify_init, algorithm: algorithm) { context in
                EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
            }
        } catch {
            return false
        }
    }

    /// True when the Ed25519 signature was made over this message by the matching private key.
    package func isValid(signature: [UInt8], ed25519Message message: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        guard kind == .ed25519, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, handle.pointer, nil) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// True when the signature was made over this message, with the algorithm's own digest of it.
    package func isValid(signature: [UInt8], message: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        algorithm.scheme == .ed25519
            ? isValid(signature: signature, ed25519Message: message)
            : isValid(signature: signature, digest: algorithm.digest.digest(of: message), algorithm: algorithm)
    }

    /// Lends the key for issuing certificates.
    func withHandle<Result>(
        _ body: (OpaquePointer) throws(CryptographyError) -> Result
    ) throws(CryptographyError) -> Result {
        try body(handle.pointer)
    }

    /// Compares the encoded keys.
    package static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.subjectPublicKeyInfoDER == right.subjectPublicKeyInfoDER
    }

    /// Hashes the encoded key.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(subjectPublicKeyInfoDER)
    }
}
