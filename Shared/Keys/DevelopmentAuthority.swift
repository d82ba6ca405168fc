// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography
import FileSystem

/// A root and an issuing authority for development; both keys are sealed under a master in the same folder.
package struct DevelopmentAuthority: Sendable {
    /// The trust anchor.
    package let root: Certificate
    /// What issues end-entity certificates; its own status is on the root's revocation list.
    package let issuing: Certificate
    /// Where status and issuers are served, as `http://127.0.0.1:8490`; nil when certificates name no addresses.
    package let address: String?
    private let rootKey: PrivateKey
    private let issuingKey: PrivateKey
    private let path: String

    /// The only policy of the development timestamps, in the arc for examples (X.660, A.3.3).
    package static let timestampPolicy = "2.999.1"
    private static let hour = 3_600.0
    private static let year = 366.0 * 86_400
    private static let organization = "Paraph development"

    /// Makes what is missing; the certificates and keys of one step stand together or not at all.
    ///
    /// What is there is kept, and so is its address.
    package static func create(
        at path: String, address: String? = nil, now: Instant, ids: IDSource
    ) throws(KeysError) {
        let folder = try KeyFolder(making: path, access: .owner)
        if folder.contains(File.issuingCertificate) { return }
        // What a stopped run left is of no use without its last file.
        for name in File.all { _ = try folder.destroy(name) }
        let masterBytes = SecureRandom.bytes(AESGCM.keyByteCount)
        let master = try MasterKey(masterBytes)
        let start = now.advanced(bySeconds: -hour)
        let (rootKey, root) = try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(.p256)
            let builder = CertificateBuilder(
                subject: DistinguishedName(commonName: "Paraph development root", organization: organization),
                profile: .root, notBefore: start, notAfter: now.advanced(bySeconds: 10 * year))
            return (key, try builder.selfSigned(by: key))
        }
        let (issuingKey, issuing) = try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(.p256)
            var builder = CertificateBuilder(
                subject: DistinguishedName(commonName: "Paraph development issuing", organization: organization),
                profile: .issuingAuthority, notBefore: start, notAfter: now.advanced(bySeconds: 5 * year))
            if let address { builder.addresses = AuthorityPath.addressesOfIssuing(at: address) }
            return (key, try builder.issued(for: key.publicKey(), by: root, key: rootKey))
        }
        try folder.write(
            KeyFile(purpose: .authorityMaster, keyID: ids.next(), content: masterBytes).plainBytes(), to: File.master)
        for (key, name) in [(rootKey, File.rootKey), (issuingKey, File.issuingKey)] {
            let content = try ciphering { () throws(CryptographyError) in try key.pem() }
            let file = KeyFile(purpose: .authority, keyID: ids.next(), content: content)
            try folder.write(file.sealedBytes(under: master, owner: Array(name.utf8)), to: name)
        }
        if let address { try folder.write(Array(address.utf8), to: File.address) }
        for (certificate, name) in [(root, File.rootCertificate), (issuing, File.issuingCertificate)] {
            try folder.write(ciphering { () throws(CryptographyError) in try Certificate.pem([certificate]) }, to: name)
        }
    }

    /// Opens what `create` made.
    package init(at path: String) throws(KeysError) {
        let folder = try KeyFolder(existing: path, access: .owner)
        let master = try MasterKey(
            KeyFile(plain: folder.read(File.master), purpose: .authorityMaster, path: "\(path)/\(File.master)").content)
        func key(_ name: String) throws(KeysError) -> [UInt8] {
            try KeyFile(
                sealed: folder.read(name), purpose: .authority, under: master, owner: Array(name.utf8),
                path: "\(path)/\(name)"
            ).content
        }
        let rootKeyPEM = try key(File.rootKey)
        let issuingKeyPEM = try key(File.issuingKey)
        let rootPEM = try folder.read(File.rootCertificate)
        let issuingPEM = try folder.read(File.issuingCertificate)
        address =
            folder.contains(File.address) ? String(decoding: try folder.read(File.address), as: UTF8.self) : nil
        self.path = path
        (root, issuing, rootKey, issuingKey) = try ciphering { () throws(CryptographyError) in
            let root = try Certificate.certificates(pem: rootPEM)[0]
            let issuing = try Certificate.certificates(pem: issuingPEM)[0]
            return (root, issuing, try PrivateKey(pem: rootKeyPEM), try PrivateKey(pem: issuingKeyPEM))
        }
    }

    /// A new key and its chain, leaf and issuing authority; the root is the validators' own.
    package func issueSeal(
        organization: String, kind: KeyKind, now: Instant
    ) throws(KeysError) -> (key: PrivateKey, chain: [Certificate]) {
        // Common name and organisation hold at most 64 characters each (RFC 5280, appendix A.1).
        let subject = DistinguishedName(
            commonName: "\(organization.prefix(48)) (development)", organization: String(organization.prefix(64)))
        let (key, leaf) = try issue(.documentSigning, subject: subject, kind: kind, now: now)
        return (key, [leaf, issuing])
    }

    private func issue(
        _ profile: CertificateBuilder.Profile, subject: DistinguishedName, kind: KeyKind, now: Instant
    ) throws(KeysError) -> (key: PrivateKey, certificate: Certificate) {
        try ciphering { () throws(CryptographyError) in
            let key = try PrivateKey.generate(kind)
            var builder = CertificateBuilder(
                subject: subject, profile: profile, notBefore: now.advanced(bySeconds: -Self.hour),
                notAfter: now.advanced(bySeconds: 2 * Self.year))
            if let address { builder.addresses = AuthorityPath.addressesOfLeaf(at: address) }
            return (key, try builder.issued(for: key.publicKey(), by: issuing, key: issuingKey))
        }
    }

    // MARK: Answering

    /// A timestamp authority with a P-256 key of its own, which lives as long as the value.
    package func timestampResponder(clock: BusinessClock) throws(KeysError) -> TimestampResponder {
        let subject = DistinguishedName(
            commonName: "Paraph development timestamps", organization: Self.organization)
        let (key, certificate) = try issue(.timestamping, subject: subject, kind: .p256, now: clock.now())
        return try ciphering { () throws(CryptographyError) in
            try TimestampResponder(
                key: key, certificate: certificate, issuers: [issuing], policy: Self.timestampPolicy, clock: clock)
        }
    }

    /// An OCSP responder for what the issuing authority issued, with a P-256 key of its own.
    package func ocspResponder(clock: BusinessClock) throws(KeysError) -> OCSPResponder {
        let subject = DistinguishedName(commonName: "Paraph development status", organization: Self.organization)
        let (key, certificate) = try issue(.ocspResponder, subject: subject, kind: .p256, now: clock.now())
        return try ciphering { () throws(CryptographyError) in
            try OCSPResponder(
                key: key, certificate: certificate, issuer: issuing, clock: clock, validitySeconds: Self.hour)
        }
    }

    /// The root's revocation list, which is empty, or that of the issuing authority; each is valid for a day.
    package func revocationList(ofRoot: Bool, now: Instant) throws(KeysError) -> [UInt8] {
        let builder = RevocationListBuilder(
            thisUpdate: now, nextUpdate: now.advanced(bySeconds: 24 * Self.hour), number: now.microseconds / 1_000_000,
            entries: ofRoot ? [] : try revoked())
        return try ciphering { () throws(CryptographyError) in
            try builder.issued(by: ofRoot ? root : issuing, key: ofRoot ? rootKey : issuingKey)
        }
    }

    // MARK: Revoking

    /// Revokes a certificate of the issuing authority from now on; doing so again changes nothing.
    package func revoke(_ certificate: Certificate, reason: RevocationReason, now: Instant) throws(KeysError) {
        let record = RevocationRecord(
            RevokedCertificate(serialDER: certificate.serialDER, time: now, reason: reason))
        let folder = try KeyFolder(existing: path, access: .owner)
        if folder.contains(record.name) { return }
        try folder.write(record.content, to: record.name)
    }

    /// What has been revoked so far, also by another process.
    package func revoked() throws(KeysError) -> [RevokedCertificate] {
        let folder = try KeyFolder(existing: path, access: .owner)
        let names = try filing { () throws(FileSystemError) in try Folder.names(in: path) }
        var entries: [RevokedCertificate] = []
        for name in names where RevocationRecord.isName(name) {
            guard let entry = RevocationRecord.read(name: name, content: try folder.read(name)) else {
                throw .damaged(path: "\(path)/\(name)")
            }
            entries.append(entry)
        }
        return entries
    }

    private enum File {
        static let master = "authority-master.key"
        static let rootKey = "root.sealed"
        static let issuingKey = "issuing.sealed"
        static let address = "address"
        static let rootCertificate = "root.pem"
        static let issuingCertificate = "issuing.pem"
        static let all = [master, rootKey, issuingKey, address, rootCertificate, issuingCertificate]
    }
}
