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
        return "\(objects)/\(area.rawValue)/\(owner)/\(text.suffix(1))/\(text)"
    }

    /// Every file of the object store, and every data key by its segment's file and its slot.
    func files() throws -> [String] { try objectFiles() + liveKeys() }

    func objectFiles() throws -> [String] {
        guard FileManager.default.fileExists(atPath: objects) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: objects).filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(objects)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue
        }
    }

    /// A key is there as long as its 128 bytes are not all zero.
    private func liveKeys() throws -> [String] {
        let folder = root + "/keys/storage/data-keys"
        return try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { name in
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            return stride(from: 0, to: content.count, by: 128)
                .filter { content[$0..<min($0 + 128, content.count)].contains { $0 != 0 } }
                .map { "\(name) \($0)" }
        }
    }

    func put(_ bytes: [UInt8], area: StorageArea = .working) async throws -> StoredObject {
        try await store.put(bytes, tenant: tenant, artifact: ids.next(), area: area)
    }
}
