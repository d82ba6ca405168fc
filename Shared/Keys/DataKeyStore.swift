// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
package import FoundationEssentials

/// One artifact's key; it leaves this process only wrapped.
package struct DataKey: Sendable {
    /// Names the key in messages, rows and object headers.
    package let id: UUID
    /// 32 bytes for AES-256; never pass them to a log, an error or a message.
    package let bytes: [UInt8]
}

/// The tenants' key-encryption keys and the data keys wrapped by them.
///
/// Calls read and write small files: run them on a `BlockingPool`. An opened key stays in a bounded memory cache.
package final class DataKeyStore: Sendable {
    private static let cachedKeys = 4096
    private static let cachedTenants = 1024

    private let folder: KeyFolder
    private let master: MasterKey
    private let ids: IDSource
    private let tenants = GenerationCache<UUID, MasterKey>(capacity: cachedTenants)
    private let keys = GenerationCache<[UUID], DataKey>(capacity: cachedKeys)

    init(folder: KeyFolder, master: MasterKey, ids: IDSource) {
        self.folder = folder
        self.master = master
        self.ids = ids
    }

    /// Makes the tenant's key-encryption key, once in the tenant's life.
    /// - Throws: `KeysError.alreadyExists` when there is one.
    package func createTenantKey(_ tenant: UUID) throws(KeysError) {
        let file = KeyFile(
            purpose: .tenantStorage, keyID: ids.next(), content: SecureRandom.bytes(AESGCM.keyByteCount))
        try folder.write(file.sealedBytes(under: master, owner: tenant.bytes), to: Self.name(ofTenant: tenant))
    }

    /// Whether the tenant can store anything.
    package func hasTenantKey(_ tenant: UUID) -> Bool {
        folder.contains(Self.name(ofTenant: tenant))
    }

    /// A new key, durable in the store when this returns.
    /// - Throws: `KeysError.noTenantKey` when the tenant has no key-encryption key.
    package func create(tenant: UUID) throws(KeysError) -> DataKey {
        let key = DataKey(id: ids.next(), bytes: SecureRandom.bytes(AESGCM.keyByteCount))
        let file = KeyFile(purpose: .data, keyID: key.id, content: key.bytes)
        let bytes = try file.sealedBytes(under: tenantKey(tenant), owner: Self.owner(tenant, key.id))
        try folder.write(bytes, to: Self.name(of: key.id, tenant: tenant))
        keys[[tenant, key.id]] = key
        return key
    }

    /// The key, from memory or unwrapped from its file.
    /// - Throws: `KeysError.noDataKey` when it was destroyed.
    package func open(tenant: UUID, id: UUID) throws(KeysError) -> DataKey {
        if let key = keys[[tenant, id]] { return key }
        let name = Self.name(of: id, tenant: tenant)
        let master = try tenantKey(tenant)
        let bytes: [UInt8]
        do throws(KeysError) {
            bytes = try folder.read(name)
        } catch .missing {
            throw .noDataKey(id: id)
        }
        let file = try KeyFile(
            sealed: bytes, purpose: .data, under: master, owner: Self.owner(tenant, id), path: "\(folder.path)/\(name)")
        let key = DataKey(id: id, bytes: file.content)
        keys[[tenant, id]] = key
        return key
    }

    /// Overwrites and removes the wrapped key, which makes all that it encrypted unreadable, in backups too.
    ///
    /// Another process may keep the opened key in memory until it ends.
    /// - Returns: False when there was none, so that a repeated disposal succeeds.
    @discardableResult
    package func destroy(tenant: UUID, id: UUID) throws(KeysError) -> Bool {
        defer { keys[[tenant, id]] = nil }
        return try folder.destroy(Self.name(of: id, tenant: tenant))
    }

    private func tenantKey(_ tenant: UUID) throws(KeysError) -> MasterKey {
        if let key = tenants[tenant] { return key }
        let name = Self.name(ofTenant: tenant)
        let bytes: [UInt8]
        do throws(KeysError) {
            bytes = try folder.read(name)
        } catch .missing {
            throw .noTenantKey(tenant: tenant)
        }
        let file = try KeyFile(
            sealed: bytes, purpose: .tenantStorage, under: master, owner: tenant.bytes, path: "\(folder.path)/\(name)")
        let key = try MasterKey(file.content)
        tenants[tenant] = key
        return key
    }

    private static func owner(_ tenant: UUID, _ id: UUID) -> [UInt8] { tenant.bytes + id.bytes }

    private static func name(ofTenant tenant: UUID) -> String { "tenants/\(tenant.text).kek" }

    /// 256 folders a tenant, by the last two digits: the first ones of a UUIDv7 are its time.
    private static func name(of id: UUID, tenant: UUID) -> String {
        let text = id.text
        return "data-keys/\(tenant.text)/\(text.suffix(2))/\(text)"
    }
}
