// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
package import Cryptography
import FileSystem
package import Foundation

/// The keys of a whole development installation: a folder per service with what it is entitled to, the shared storage
/// folder, and a certificate authority that only the command-line tool uses.
package struct DevelopmentKeys: Sendable {
    /// The user and group that own a service's folder.
    package struct Owner: Sendable, Hashable {
        /// Numeric user id.
        package let user: UInt32
        /// Numeric group id.
        package let group: UInt32

        /// Takes numeric ids.
        package init(user: UInt32, group: UInt32) {
            self.user = user
            self.group = group
        }
    }

    static let storageFolderName = "storage"
    static let authorityFolderName = "ca"
    /// Two years, the middle of what SP 800-57 part 1, 5.3.6 gives private signature keys.
    private static let cryptoperiodDays = 730

    /// What each service's folder holds; a service that is not listed for a purpose cannot do it.
    package static let entitlements: [(service: String, purposes: [KeyPurpose])] = [
        ("intake", [.link, .storageMaster, .serviceIdentity]),
        ("orchestrator", []),
        ("signer", [.storageMaster, .signingMaster]),
        ("notifier", [.link]),
        ("vault", [.storageMaster, .audit, .serviceIdentity]),
        ("retention", []),
    ]

    private let root: String
    private let authority: DevelopmentAuthority
    private let storage: DataKeyStore
    let seals: SigningKeyStore
    private let signerOwner: Owner?
    let clock: BusinessClock
    private let ids: IDSource

    /// The trust anchor of all seals made here, for validators.
    package var rootCertificate: Certificate { authority.root }

    /// Adds what is missing under the folder and keeps what is there.
    ///
    /// Certificates of the authority name `authorityAddress`, where its status is served; see `AuthorityPath`.
    /// With `owners` (as root) each service's folder belongs to its own user; `storageGroup` is the group of the
    /// services that store documents.
    /// - Throws: `KeysError`; a run that was stopped in between can be repeated.
    package static func create(
        at root: String, owners: [String: Owner] = [:], storageGroup: UInt32? = nil,
        authorityAddress: String? = nil, clock: BusinessClock, ids: IDSource
    ) throws(KeysError) -> DevelopmentKeys {
        if !Folder.contains(root) {
            // Other users pass through to their own folder, and cannot list it.
            try KeyFolder.make(root, mode: owners.isEmpty ? 0o700 : 0o711)
        }
        try createServiceKeys(at: root, ids: ids)
        let access: KeyFolder.Access = storageGroup == nil ? .owner : .group
        for name in ["", "/tenants", "/data-keys"] {
            let folder = try KeyFolder(making: "\(root)/\(storageFolderName)\(name)", access: access)
            if let storageGroup { try assign(folder.path, user: 0, group: storageGroup) }
        }
        try DevelopmentAuthority.create(
            at: "\(root)/\(authorityFolderName)", address: authorityAddress, now: clock.now(), ids: ids)
        for (service, owner) in owners {
            try assign("\(root)/\(service)", user: owner.user, group: owner.group, includingContent: true)
        }
        return try DevelopmentKeys(at: root, clock: clock, ids: ids)
    }

    /// One key per purpose, the same bytes in each folder that is entitled to it.
    private static func createServiceKeys(at root: String, ids: IDSource) throws(KeysError) {
        var made: [KeyPurpose: [UInt8]] = [:]
        for (service, purposes) in entitlements {
            let folder = try KeyFolder(making: "\(root)/\(service)", access: .owner)
            for purpose in purposes where made[purpose] == nil && folder.contains(Self.name(purpose)) {
                made[purpose] = try folder.read(Self.name(purpose))
            }
        }
        for (service, purposes) in entitlements {
            let folder = try KeyFolder(making: "\(root)/\(service)", access: .owner)
            for purpose in purposes where !folder.contains(Self.name(purpose)) {
                let bytes: [UInt8]
                if let known = made[purpose] {
                    bytes = known
                } else {
                    bytes = KeyFile(purpose: purpose, keyID: ids.next(), content: try newKey(purpose)).plainBytes()
                }
                made[purpose] = bytes
                try folder.write(bytes, to: Self.name(purpose))
            }
        }
    }

    /// Opens an installation that `create` made; the caller has to be its owner or root.
    ///
    /// New seals belong to the owner given for signer, else to whom signer's folder belongs to.
    package init(
        at root: String, owners: [String: Owner] = [:], clock: BusinessClock, ids: IDSource
    ) throws(KeysError) {
        self.root = root
        self.clock = clock
        self.ids = ids
        signerOwner = owners["signer"]
        let signer = try KeyStore(folder: "\(root)/signer")
        authority = try DevelopmentAuthority(at: "\(root)/\(Self.authorityFolderName)")
        storage = try signer.dataKeys(ids: ids)
        seals = try signer.signingKeys()
    }

    /// Gives a tenant its storage key and an active seal of the development authority; what it has already is kept.
    package func addTenant(
        _ tenant: UUID, organization: String, kind: KeyKind = .rsa(bits: 2048)
    ) throws(KeysError) {
        try addStorageKey(tenant)
        guard try seals.register(tenant: tenant).active(.signature) == nil else { return }
        let id = try issueSeal(tenant: tenant, organization: organization, kind: kind)
        try noteTrial(tenant: tenant, keyID: id)
        try activate(
            tenant: tenant, keyID: id, KeyNote(at: clock.now(), by: "paraph keys tenant", reason: "first seal"))
    }

    /// Stages a new key of the development authority; it signs nothing before its trial and cutover.
    /// - Returns: The key's id.
    package func issueSeal(
        tenant: UUID, organization: String, kind: KeyKind, purpose: SealPurpose = .signature
    ) throws(KeysError) -> UUID {
        let (key, chain) = try authority.issueSeal(organization: organization, kind: kind, now: clock.now())
        return try stage(tenant: tenant, key: .held(key), chain: chain, purpose: purpose, rotationDays: nil)
    }

    func stage(
        tenant: UUID, key: SealKey, chain: [Certificate], purpose: SealPurpose, rotationDays: Int?
    ) throws(KeysError) -> UUID {
        let id = ids.next()
        let now = clock.now()
        try seals.stage(
            tenant: tenant, keyID: id, purpose: purpose, key: key, chain: chain, at: now,
            rotateBy: now.advanced(bySeconds: Double(rotationDays ?? Self.cryptoperiodDays) * 86_400))
        try giveSealToSigner(tenant)
        return id
    }

    func addStorageKey(_ tenant: UUID) throws(KeysError) {
        if !storage.hasTenantKey(tenant) { try storage.createTenantKey(tenant) }
    }

    /// Only root can give the seal away; anyone else made it as the installation's single user.
    func giveSealToSigner(_ tenant: UUID) throws(KeysError) {
        guard geteuid() == 0, let owner = signerOwner ?? Self.owner(of: "\(root)/signer") else { return }
        let seals = "\(root)/signer/\(SigningKeyStore.root)"
        try Self.assign(seals, user: owner.user, group: owner.group)
        try Self.assign("\(seals)/\(tenant.text)", user: owner.user, group: owner.group, includingContent: true)
    }

    private static func owner(of path: String) -> Owner? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard
            let user = attributes?[.ownerAccountID] as? UInt32, let group = attributes?[.groupOwnerAccountID] as? UInt32
        else { return nil }
        return Owner(user: user, group: group)
    }

    private static func name(_ purpose: KeyPurpose) -> String { "\(purpose.rawValue).key" }

    private static func newKey(_ purpose: KeyPurpose) throws(KeysError) -> [UInt8] {
        guard purpose == .audit else { return SecureRandom.bytes(AESGCM.keyByteCount) }
        return try ciphering { () throws(CryptographyError) in try PrivateKey.generate(.ed25519).pem() }
    }

    private static func assign(
        _ path: String, user: UInt32, group: UInt32, includingContent: Bool = false
    ) throws(KeysError) {
        let ownership: [FileAttributeKey: Any] = [.ownerAccountID: user, .groupOwnerAccountID: group]
        do {
            try FileManager.default.setAttributes(ownership, ofItemAtPath: path)
            for name in includingContent ? try FileManager.default.subpathsOfDirectory(atPath: path) : [] {
                try FileManager.default.setAttributes(ownership, ofItemAtPath: "\(path)/\(name)")
            }
        } catch {
            throw .file(FileSystemError(.createFolder, errno: EPERM, path: path))
        }
    }
}
