// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography

/// An RSA-2048 key with a certificate and its issuer, made for one run.
struct Seal: Sendable {
    let key: PrivateKey
    let chain: [Certificate]

    init(at instant: Instant) throws {
        let first = instant.advanced(bySeconds: -86_400)
        let last = instant.advanced(bySeconds: 86_400 * 365)
        let rootKey = try PrivateKey.generate(.rsa(bits: 2048))
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Bench root", organization: "Paraph"), profile: .root,
            notBefore: first,
            notAfter: last
        ).selfSigned(by: rootKey)
        key = try PrivateKey.generate(.rsa(bits: 2048))
        let leaf = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Bench seal", organization: "Paraph"), profile: .documentSigning,
            notBefore: first, notAfter: last
        ).issued(for: key.publicKey(), by: root, key: rootKey)
        chain = [leaf, root]
    }
}
