// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FileSystem
package import FoundationEssentials
import ServiceKit

/// The tenants' seals; only signer holds the master that opens them.
///
/// Opening reads files: run it on a `BlockingPool`. An opened seal stays in a bounded memory cache.
package final class SigningKeyStore: Sendable {
    private static let cachedSeals = 512

    private let folder: KeyFolder
    private let master: MasterKey
    private let seals = GenerationCache<UUID, TenantSeal>(capacity: cachedSeals)

    init(folder: KeyFolder, master: MasterKey) {
        self.folder = folder
        self.master = master
    }

    /// The tenant's seal, from memory or from its files.
    /// - Throws: `KeysError.noSeal` when the tenant has none.
    package func signer(tenant: UUID) throws(KeysError) -> TenantSeal {
        if let seal = seals[tenant] { return seal }
        let name = Self.keyName(tenant)
        let bytes: [UInt8]
        let pem: [UInt8]
        do throws(KeysError) {
            bytes = try folder.read(name)
            pem = try folder.read(Self.chainName(tenant))
        } catch .missing {
            throw .noSeal(tenant: tenant)
        }
        let file = try KeyFile(
            sealed: bytes, purpose: .tenantSeal, under: master, owner: tenant.bytes, path: "\(folder.path)/\(name)")
        let (key, chain) = try ciphering { () throws(CryptographyError) in
            (try PrivateKey(pem: file.content), try Certificate.certificates(pem: pem))
        }
        let seal = try TenantSeal(tenant: tenant, key: key, chain: chain)
        seals[tenant] = seal
        return seal
    }

    /// Whether the tenant can sign.
    package func hasSeal(tenant: UUID) -> Bool { folder.contains(Self.keyName(tenant)) }

    /// The tenants that have a seal, for the expiry metric.
    package func tenants() throws(KeysError) -> [UUID] {
        guard folder.contains(Self.root) else { return [] }
        let names = try filing { () throws(FileSystemError) in try Folder.names(in: "\(folder.path)/\(Self.root)") }
        return names.compactMap { UUID(text: $0) }.filter(hasSeal(tenant:))
    }

    /// Keeps a key and its chain as the tenant's seal; the chain goes first, so that a key never stands without it.
    /// - Throws: `KeysError.alreadyExists` when the tenant has a seal, `unusableSeal` when the parts do not fit.
    func store(tenant: UUID, keyID: UUID, key: PrivateKey, chain: [Certificate]) throws(KeysError) {
        guard !hasSeal(tenant: tenant) else {
            throw .alreadyExists(path: "\(folder.path)/\(Self.keyName(tenant))")
        }
        _ = try TenantSeal(tenant: tenant, key: key, chain: chain)
        let (content, pem) = try ciphering { () throws(CryptographyError) in
            (try key.pem(), try Certificate.pem(chain))
        }
        let file = KeyFile(purpose: .tenantSeal, keyID: keyID, content: content)
        // A chain without a key is left of a run that was stopped in between: nothing uses it.
        if folder.contains(Self.chainName(tenant)) { _ = try folder.destroy(Self.chainName(tenant)) }
        try folder.write(pem, to: Self.chainName(tenant))
        try folder.write(file.sealedBytes(under: master, owner: tenant.bytes), to: Self.keyName(tenant))
    }

    static let root = "seals"
    private static func keyName(_ tenant: UUID) -> String { "\(root)/\(tenant.text)/key.sealed" }
    private static func chainName(_ tenant: UUID) -> String { "\(root)/\(tenant.text)/chain.pem" }
}
