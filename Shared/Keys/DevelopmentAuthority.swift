// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FileSystem
import Foundation

/// A root and an issuing authority for development; both keys are sealed under a master in the same folder.
struct DevelopmentAuthority: Sendable {
    let root: Certificate
    private let issuing: Certificate
    private let issuingKey: PrivateKey

    private static let year = 366.0 * 86_400
    private static let organization = "Paraph development"

    /// Makes what is missing; the certificates and keys of one step stand together or not at all.
    static func create(at path: String, now: Instant, ids: IDSource) throws(KeysError) {
        let folder = try KeyFolder(making: path, access: .owner)
        if folder.contains(File.issuingCertificate) { return }
        // What a stopped run left is of no use without its last file.
        for name in File.all { _ = try folder.destroy(name) }
        let masterBytes = SecureRandom.bytes(AESGCM.keyByteCount)
        let master = try MasterKey(masterBytes)
        let start = now.advanced(bySeconds: -3600)
        let (rootKey, root) = try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(.p256)
            let builder = CertificateBuilder(
                subject: DistinguishedName(commonName: "Paraph development root", organization: organization),
                profile: .root, notBefore: start, notAfter: now.advanced(bySeconds: 10 * year))
            return (key, try builder.selfSigned(by: key))
        }
        let (issuingKey, issuing) = try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(.p256)
            let builder = CertificateBuilder(
                subject: DistinguishedName(commonName: "Paraph development issuing", organization: organization),
                profile: .issuingAuthority, notBefore: start, notAfter: now.advanced(bySeconds: 5 * year))
            return (key, try builder.issued(for: key.publicKey(), by: root, key: rootKey))
        }
        try folder.write(
            KeyFile(purpose: .authorityMaster, keyID: ids.next(), content: masterBytes).plainBytes(), to: File.master)
        for (key, name) in [(rootKey, File.rootKey), (issuingKey, File.issuingKey)] {
            let content = try ciphering { () throws(CryptographyError) in try key.pem() }
            let file = KeyFile(purpose: .authority, keyID: ids.next(), content: content)
            try folder.write(file.sealedBytes(under: master, owner: Array(name.utf8)), to: name)
        }
        for (certificate, name) in [(root, File.rootCertificate), (issuing, File.issuingCertificate)] {
            try folder.write(ciphering { () throws(CryptographyError) in try Certificate.pem([certificate]) }, to: name)
        }
    }

    init(at path: String) throws(KeysError) {
        let folder = try KeyFolder(existing: path, access: .owner)
        let master = try MasterKey(
            KeyFile(plain: folder.read(File.master), purpose: .authorityMaster, path: "\(path)/\(File.master)").content)
        let key = try KeyFile(
            sealed: folder.read(File.issuingKey), purpose: .authority, under: master,
            owner: Array(File.issuingKey.utf8), path: "\(path)/\(File.issuingKey)")
        let rootPEM = try folder.read(File.rootCertificate)
        let issuingPEM = try folder.read(File.issuingCertificate)
        (root, issuing, issuingKey) = try ciphering { () throws(CryptographyError) in
            let root = try Certificate.certificates(pem: rootPEM)[0]
            let issuing = try Certificate.certificates(pem: issuingPEM)[0]
            return (root, issuing, try PrivateKey(pem: key.content))
        }
    }

    /// A new key and its chain, leaf and issuing authority; the root is the validators' own.
    func issueSeal(
        organization: String, kind: KeyKind, now: Instant
    ) throws(KeysError) -> (key: PrivateKey, chain: [Certificate]) {
        try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(kind)
            // Common name and organisation hold at most 64 characters each (RFC 5280, appendix A.1).
            let builder = CertificateBuilder(
                subject: DistinguishedName(
                    commonName: "\(organization.prefix(48)) (development)",
                    organization: String(organization.prefix(64))),
                profile: .documentSigning, notBefore: now.advanced(bySeconds: -3600),
                notAfter: now.advanced(bySeconds: 2 * Self.year))
            return (key, [try builder.issued(for: key.publicKey(), by: issuing, key: issuingKey), issuing])
        }
    }

    private enum File {
        static let master = "authority-master.key"
        static let rootKey = "root.sealed"
        static let issuingKey = "issuing.sealed"
        static let rootCertificate = "root.pem"
        static let issuingCertificate = "issuing.pem"
        static let all = [master, rootKey, issuingKey, rootCertificate, issuingCertificate]
    }
}
