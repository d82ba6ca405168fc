// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
package import FoundationEssentials
import ServiceKit
import Synchronization

/// The tenants' seals; only signer holds the master that opens them.
///
/// Each tenant has a register of its keys, and a folder for each with the sealed key and its chain; of a key that lives in
/// a token its URI is sealed instead, so that no tenant's entry can be made to lead to another's key. Opening reads files:
/// run it on a `BlockingPool`. An opened seal stays in a bounded memory cache; the register is looked at each time, so that
/// a key that was revoked signs nothing from that moment on.
package final class SigningKeyStore: Sendable {
    private static let cachedSeals = 512

    private let folder: KeyFolder
    private let master: MasterKey
    private let seals = GenerationCache<UUID, TenantSeal>(capacity: cachedSeals)
    private let registers = Mutex<[UUID: SealRegisterFiles]>([:])

    init(folder: KeyFolder, master: MasterKey) {
        self.folder = folder
        self.master = master
    }

    /// The seal that signs for the tenant now.
    /// - Throws: `KeysError.noSeal` when the tenant has no active key for the purpose.
    package func signer(
        tenant: UUID, for purpose: SealPurpose = .signature
    ) throws(KeysError) -> TenantSeal {
        guard let key = try register(tenant: tenant).active(purpose) else { throw .noSeal(tenant: tenant) }
        return try seal(tenant: tenant, keyID: key.id)
    }

    /// One key of the tenant in any state, as for its trial.
    /// - Throws: `KeysError.missing` when the key was destroyed.
    package func seal(tenant: UUID, keyID: UUID) throws(KeysError) -> TenantSeal {
        if let seal = seals[keyID], seal.tenant == tenant { return seal }
        let path = Self.folderName(tenant, keyID)
        let file = try KeyFile(
            sealed: folder.read("\(path)/\(Self.keyName)"), purpose: .tenantSeal, under: master, owner: tenant.bytes,
            path: "\(folder.path)/\(path)/\(Self.keyName)")
        let pem = try folder.read("\(path)/\(Self.chainName)")
        let chain = try ciphering { () throws(CryptographyError) in try Certificate.certificates(pem: pem) }
        let seal = try TenantSeal(
            tenant: tenant, keyID: keyID, key: try SealKey(content: file.content), chain: chain)
        seals[keyID] = seal
        return seal
    }

    /// The tenant's keys as they stand now; empty for a tenant without any.
    package func register(tenant: UUID) throws(KeysError) -> SealRegister { try files(of: tenant).current() }

    /// The tenants that have a register.
    package func tenants() throws(KeysError) -> [UUID] {
        guard folder.contains(Self.root) else { return [] }
        let names = try filing { () throws(FileSystemError) in try Folder.names(in: "\(folder.path)/\(Self.root)") }
        return names.compactMap { UUID(text: $0) }
    }

    // MARK: Changes, for the command-line tool

    /// Stores a key with its chain; it signs nothing before its cutover.
    /// - Throws: `KeysError.unusableSeal` when the parts do not fit.
    func stage(
        tenant: UUID, keyID: UUID, purpose: SealPurpose, key: SealKey, chain: [Certificate], at now: Instant,
        rotateBy: Instant
    ) throws(KeysError) {
        let seal = try TenantSeal(tenant: tenant, keyID: keyID, key: key, chain: chain)
        let pem = try ciphering { () throws(CryptographyError) in try Certificate.pem(chain) }
        let file = KeyFile(purpose: .tenantSeal, keyID: keyID, content: try key.content())
        let path = Self.folderName(tenant, keyID)
        try folder.write(pem, to: "\(path)/\(Self.chainName)")
        try folder.write(file.sealedBytes(under: master, owner: tenant.bytes), to: "\(path)/\(Self.keyName)")
        let entry = RegisteredKey(
            id: keyID, purpose: purpose, algorithm: "\(seal.algorithm)",
            subject: seal.certificate.subject.commonName ?? "",
            certificateSHA256: Hex.encode(seal.certificate.sha256),
            notBefore: chain.map(\.notBefore).max() ?? seal.certificate.notBefore, notAfter: seal.expiresAt,
            createdAt: now, rotateBy: min(rotateBy, seal.expiresAt))
        try files(of: tenant).change { register throws(KeysError) in register.add(entry) }
    }

    /// Changes a tenant's register.
    /// - Throws: What `body` throws; `KeysError.alreadyExists` when another change came first.
    func change<Result>(
        tenant: UUID, _ body: (inout SealRegister) throws(KeysError) -> Result
    ) throws(KeysError) -> Result {
        try files(of: tenant).change(body)
    }

    /// Overwrites the key, or the way to it, and removes it; the chain stays, since documents name it.
    func destroyKey(tenant: UUID, keyID: UUID) throws(KeysError) {
        seals[keyID] = nil
        _ = try folder.destroy("\(Self.folderName(tenant, keyID))/\(Self.keyName)")
    }

    private func files(of tenant: UUID) -> SealRegisterFiles {
        registers.withLock { registers in
            if let files = registers[tenant] { return files }
            let files = SealRegisterFiles(folder: folder, tenant: tenant)
            registers[tenant] = files
            return files
        }
    }

    static let root = "seals"
    private static let keyName = "key.sealed"
    private static let chainName = "chain.pem"
    private static func folderName(_ tenant: UUID, _ keyID: UUID) -> String { "\(root)/\(tenant.text)/\(keyID.text)" }
}
