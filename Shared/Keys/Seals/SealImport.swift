// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
package import FoundationEssentials

/// Keys that a tenant brings along with their certificates.
extension DevelopmentKeys {
    /// Stages a key of the tenant's own: a private key and its certificates, signer's first.
    /// - Parameter rotationDays: The cryptoperiod; the sooner, the more a key is used (SP 800-57 part 1, 5.3).
    /// - Returns: The key's id.
    /// - Throws: `KeysError.unusableSeal` with the reason.
    package func importSeal(
        tenant: UUID, keyPEM: [UInt8], passphrase: String? = nil, chainPEM: [UInt8],
        purpose: SealPurpose = .signature, rotationDays: Int? = nil
    ) throws(KeysError) -> UUID {
        let key: PrivateKey
        do throws(CryptographyError) {
            key = try PrivateKey(pem: keyPEM, passphrase: passphrase)
        } catch {
            guard error == .unreadableKey else { throw .cryptography(error) }
            throw .unusableSeal(reason: "the private key cannot be read: give a PEM file and its pass phrase")
        }
        let chain = try validChain(chainPEM)
        try addStorageKey(tenant)
        return try stage(tenant: tenant, key: .held(key), chain: chain, purpose: purpose, rotationDays: rotationDays)
    }

    /// Stages a key that lives in a PKCS#11 token, once the token has signed with it.
    /// - Parameter tokenURI: RFC 7512, with `pin-source=` naming a file that signer's user can read.
    /// - Returns: The key's id.
    /// - Throws: `KeysError.token` when the token gives no signature, `unusableSeal` when key and chain do not fit or the
    ///   key may do more than sign.
    package func importSeal(
        tenant: UUID, tokenURI: String, chainPEM: [UInt8], purpose: SealPurpose = .signature,
        rotationDays: Int? = nil
    ) async throws(KeysError) -> UUID {
        let chain = try validChain(chainPEM)
        let key = SealKey.token(try TokenSealKey(uri: tokenURI))
        let seal = try TenantSeal(tenant: tenant, keyID: tenant, key: key, chain: chain)
        _ = try await seal.sign(digest: seal.algorithm.digest.digest(of: Array("paraph keys import".utf8)))
        try addStorageKey(tenant)
        return try stage(tenant: tenant, key: key, chain: chain, purpose: purpose, rotationDays: rotationDays)
    }

    private func validChain(_ pem: [UInt8]) throws(KeysError) -> [Certificate] {
        let chain: [Certificate]
        do throws(CryptographyError) {
            chain = try Certificate.certificates(pem: pem)
        } catch {
            guard error == .unreadableCertificate else { throw .cryptography(error) }
            throw .unusableSeal(reason: "the chain cannot be read: give a PEM file of certificates")
        }
        guard let leaf = chain.first, clock.now() <= leaf.notAfter else {
            throw .unusableSeal(reason: "the certificate is not valid any more")
        }
        return chain
    }
}
