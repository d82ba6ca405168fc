// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FileSystem
import Foundation
import Keys
import Storage

/// An object store with keys of its own, removed when the last reference goes.
final class StorageFixture: Sendable {
    let root: String
    let objects: String
    let tenant: UUID
    let otherTenant: UUID
    let keys: DataKeyStore
    let store: FilesystemObjectStore
    let ids = IDSource.uuidv7(clock: .system)

    init(at folder: String? = nil) throws {
        root = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("paraph-store-\(UUID())").path
        objects = root + "/objects"
        let installation = try DevelopmentKeys.create(at: root + "/keys", clock: .system, ids: ids)
        tenant = ids.next()
        otherTenant = ids.next()
        try installation.addTenant(tenant, organization: "Test", kind: .p256)
        try installation.addTenant(otherTenant, organization: "Other", kind: .p256)
        keys = try KeyStore(folder: root + "/keys/vault").dataKeys(ids: ids)
        store = try FilesystemObjectStore(root: objects, keys: keys)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ artifact: UUID, _ area: StorageArea = .working, tenant: UUID? = nil) -> String {
        let text = artifact.uuidString.lowercased()
        let owner = (tenant ?? self.tenant).uuidString.lowercased()
        return "\(objects)/\(area.rawValue)/\(owner)/\(text.suffix(2))/\(text)"
    }

    /// Every file of the object store and every data key.
    func files() throws -> [String] {
        try [objects, root + "/keys/storage/data-keys"].flatMap { folder -> [String] in
            guard FileManager.default.fileExists(atPath: folder) else { return [] }
            return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                return !isFolder.boolValue
            }
        }
    }

    func put(_ bytes: [UInt8], area: StorageArea = .working) async throws -> StoredObject {
        try await store.put(bytes, tenant: tenant, artifact: ids.next(), area: area)
    }
}
