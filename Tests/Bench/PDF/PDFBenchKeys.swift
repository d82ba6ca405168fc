// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import PDFSigning
import SystemDriver

/// The keys of one run: a root, an issuing authority, and signers with an RSA-2048 and a P-256 key.
enum PDFBenchKeys {
    /// Writes `root.pem`, and for each kind `KIND.key` and `KIND-chain.pem` of three certificates.
    static func write(to folder: URL) throws {
        let now = BusinessClock.system.now()
        let first = now.advanced(bySeconds: -86_400)
        let last = now.advanced(bySeconds: 86_400 * 365)
        func builder(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
            CertificateBuilder(
                subject: DistinguishedName(commonName: name, organization: "Paraph"), profile: profile,
                notBefore: first, notAfter: last)
        }
        let rootKey = try PrivateKey.generate(.rsa(bits: 2048))
        let root = try builder("Bench root", .root).selfSigned(by: rootKey)
        let issuingKey = try PrivateKey.generate(.rsa(bits: 2048))
        let issuing = try builder("Bench issuing", .issuingAuthority).issued(
            for: issuingKey.publicKey(), by: root, key: rootKey)
        func keep(_ bytes: [UInt8], _ name: String) throws {
            try Data(bytes).write(to: folder.appendingPathComponent(name))
        }
        try keep(Certificate.pem([root]), "root.pem")
        for (kind, name) in [(KeyKind.rsa(bits: 2048), PDFRow.Key.rsa2048), (.p256, .p256)] {
            let key = try PrivateKey.generate(kind)
            let leaf = try builder("Bench signer", .documentSigning).issued(
                for: key.publicKey(), by: issuing, key: issuingKey)
            try keep(key.pem(), "\(name.rawValue).key")
            try keep(Certificate.pem([leaf, issuing, root]), "\(name.rawValue)-chain.pem")
        }
    }

    /// A key and its chain as one process keeps them between documents.
    static func credential(
        key: String, chain: String, algorithm: SignatureAlgorithm
    ) throws -> SigningCredential {
        let privateKey = try PrivateKey(pem: read(key))
        return try SigningCredential(chain: Certificate.certificates(pem: read(chain)), algorithm: algorithm) {
            try privateKey.sign(digest: $0, algorithm: algorithm)
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw SystemError("cannot read \(path)") }
        return Array(data)
    }
}
