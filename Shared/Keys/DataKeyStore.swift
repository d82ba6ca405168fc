// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
package import FoundationEssentials
import ServiceKit
import Synchronization

/// One artifact's key; it leaves this process only wrapped.
package struct DataKey: Sendable {
    /// Names the key in messages, rows and object headers.
    package let id: UUID
    /// 32 bytes for AES-256; never pass them to a log, an error or a message.
    package let bytes: [UInt8]
}

/// The tenants' key-encryption keys and the data keys wrapped by them.
///
/// Data keys lie in segment files (`KeySlot`), of which every process writes its own; all of them run on one machine, so
/// that a slot destroyed by one cannot come back from the page cache of another. Calls block: run them on a
/// `BlockingPool`. An opened key stays in a bounded memory cache.
package final class DataKeyStore: Sendable {
    private static let cachedKeys = 4096
    private static let cachedTenants = 1024

    private let folder: KeyFolder
    private let master: MasterKey
    private let ids: IDSource
    private let tenants = GenerationCache<UUID, MasterKey>(capacity: cachedTenants)
    private let keys = GenerationCache<[UUID], DataKey>(capacity: cachedKeys)
    /// Where this process puts its next key.
    private let segment = Mutex<KeySegment?>(nil)

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
        try create(tenants: [tenant])[0]
    }

    /// A new key for each of the tenants, in their order; all are made durable by one synchronisation.
    /// - Throws: `KeysError.noTenantKey` when a tenant has no key-encryption key; the keys made before are nobody's then.
    package func create(tenants: [UUID]) throws(KeysError) -> [DataKey] {
        var made: [DataKey] = []
        var segments: [KeySegment] = []
        for tenant in tenants {
            let (key, segment) = try write(newKeyOf: tenant)
            made.append(key)
            if segments.last !== segment { segments.append(segment) }
        }
        for segment in segments { try commit(segment) }
        for (tenant, key) in zip(tenants, made) { keys[[tenant, key.id]] = key }
        return made
    }

    /// The key, from memory or unwrapped from its slot.
    /// - Throws: `KeysError.noDataKey` when it was destroyed.
    package func open(tenant: UUID, id: UUID) throws(KeysError) -> DataKey {
        if let key = keys[[tenant, id]] { return key }
        let master = try tenantKey(tenant)
        guard let found = try find(tenant, id, isWritable: false) else { throw .noDataKey(id: id) }
        let file = try KeyFile(
            sealed: found.sealed, purpose: .data, under: master, owner: Self.owner(tenant, id),
            path: path(of: found.slot))
        let key = DataKey(id: id, bytes: file.content)
        keys[[tenant, id]] = key
        return key
    }

    /// Overwrites the wrapped key where it lies, which makes all that it encrypted unreadable, in backups too.
    ///
    /// Another process may keep the opened key in memory until it ends.
    /// - Returns: False when there was none, so that a repeated disposal succeeds.
    @discardableResult
    package func destroy(tenant: UUID, id: UUID) throws(KeysError) -> Bool {
        defer { keys[[tenant, id]] = nil }
        guard let found = try find(tenant, id, isWritable: true) else { return false }
        try filing { () throws(FileSystemError) in
            try found.file.write([UInt8](repeating: 0, count: KeySlot.size), at: found.slot.offset)
            try found.file.synchronize()
        }
        return true
    }

    /// A new key in a slot that is not yet durable.
    private func write(newKeyOf tenant: UUID) throws(KeysError) -> (DataKey, KeySegment) {
        let master = try tenantKey(tenant)
        let (segment, slot) = try reserve()
        let key = DataKey(id: slot.id(from: ids.next()), bytes: SecureRandom.bytes(AESGCM.keyByteCount))
        let file = KeyFile(purpose: .data, keyID: key.id, content: key.bytes)
        let sealed = try file.sealedBytes(under: master, owner: Self.owner(tenant, key.id))
        try segment.write(KeySlot.bytes(tenant: tenant, sealed: sealed), to: slot)
        return (key, segment)
    }

    /// A slot of this process's segment, or of a new one when it has none or it is full.
    private func reserve() throws(KeysError) -> (KeySegment, KeySlot) {
        try segment.withLock { current throws(KeysError) in
            if let current, let slot = try current.reserve() { return (current, slot) }
            var number = KeySlot.segment(named: ids.next())
            while true {
                do throws(KeysError) {
                    let new = try KeySegment(number: number, in: folder)
                    current = new
                    if let slot = try new.reserve() { return (new, slot) }
                } catch .alreadyExists {
                    // Another process began one in the same millisecond.
                    number = (number + 1) & KeySlot.segmentMask
                }
            }
        }
    }

    /// Makes the segment's slots durable; one that failed to is left for a new one.
    private func commit(_ written: KeySegment) throws(KeysError) {
        do throws(KeysError) {
            try written.commit()
        } catch {
            segment.withLock { if $0 === written { $0 = nil } }
            throw error
        }
    }

    /// The key's slot; nil when it was destroyed, is another tenant's or never was.
    private func find(
        _ tenant: UUID, _ id: UUID, isWritable: Bool
    ) throws(KeysError) -> (file: RandomAccessFile, slot: KeySlot, sealed: [UInt8])? {
        guard let slot = KeySlot(of: id) else { return nil }
        let file: RandomAccessFile
        do throws(KeysError) {
            file = try folder.open(slot.fileName, isWritable: isWritable)
        } catch .missing {
            return nil
        }
        let bytes = try filing { () throws(FileSystemError) in try file.read(at: slot.offset, count: KeySlot.size) }
        let sealed = try KeySlot.sealed(in: bytes, tenant: tenant, id: id, path: path(of: slot))
        return sealed.map { (file, slot, $0) }
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

    private func path(of slot: KeySlot) -> String { "\(folder.path)/\(slot.fileName)" }
}
