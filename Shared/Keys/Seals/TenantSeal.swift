// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography
package import FoundationEssentials

/// A tenant's signing key in use, with its certificates; the key itself cannot be read from it.
package struct TenantSeal: Sendable {
    /// Whose seal it is.
    package let tenant: UUID
    /// Which of its keys it is.
    package let keyID: UUID
    /// Leaf first, each certified by the next; the root may be left out.
    package let chain: [Certificate]
    /// Leaf of the chain.
    package let certificate: Certificate
    /// What signatures are made with.
    package let algorithm: SignatureAlgorithm
    private let key: SealKey

    /// Last instant at which every certificate of the chain is valid.
    package var expiresAt: Instant { chain.map(\.notAfter).min() ?? certificate.notAfter }

    /// The RFC 7512 URI of a key that lives in a token; nil for one in the key store.
    package var tokenURI: String? {
        if case .token(let key) = key { key.uri } else { nil }
    }

    /// Whether a key in a token belongs to the certificate shows when it signs.
    /// - Throws: `KeysError.unusableSeal` when key and certificates do not belong together or may not sign documents.
    init(tenant: UUID, keyID: UUID, key: SealKey, chain: [Certificate]) throws(KeysError) {
        guard let certificate = chain.first else { throw .unusableSeal(reason: "the chain has no certificate") }
        if case .held(let key) = key {
            let publicKey = try ciphering { () throws(CryptographyError) in try key.publicKey() }
            guard certificate.publicKey == publicKey else {
                throw .unusableSeal(
                    reason: "the first certificate of the chain is not the key's: put the signer's first")
            }
        }
        guard let algorithm = certificate.publicKey.kind.defaultSignatureAlgorithm else {
            throw .unusableSeal(reason: "use an RSA or EC key: Ed25519 is not signed with in PDF")
        }
        if let usage = certificate.keyUsage, usage.isDisjoint(with: [.digitalSignature, .nonRepudiation]) {
            throw .unusableSeal(reason: "the certificate's key usage does not allow document signatures")
        }
        for (issued, issuer) in zip(chain, chain.dropFirst()) {
            guard issued.issuerDER == issuer.subjectDER, issued.isSigned(by: issuer.publicKey) else {
                throw .unusableSeal(reason: "order the chain so that each certificate is certified by the next")
            }
        }
        self.tenant = tenant
        self.keyID = keyID
        self.chain = chain
        self.certificate = certificate
        self.algorithm = algorithm
        self.key = key
    }

    /// Signs a digest of `algorithm.digest`.
    ///
    /// With a key in our store this is computation on the caller's executor (RSA-2048: about 0.2 ms); a token is waited
    /// for without a thread.
    /// - Throws: `KeysError.token` when the token is away or refuses.
    package func sign(digest: [UInt8]) async throws(KeysError) -> [UInt8] {
        switch key {
        case .held(let key):
            try ciphering { () throws(CryptographyError) in try key.sign(digest: digest, algorithm: algorithm) }
        case .token(let key):
            try await key.sign(digest: digest, algorithm: algorithm, certificate: certificate)
        }
    }
}
