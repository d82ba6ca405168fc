// SPDX-License-Identifier: Apache-2.0
import Clocks
import Foundation
import Keys
import Testing

@Suite struct DataKeyStoreTests {
    @Test func `a data key made by one service opens in another`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let key = try installation.store("intake").dataKeys(ids: installation.ids).create(tenant: tenant)
        #expect(key.bytes.count == 32)
        let opened = try installation.store("signer").dataKeys(ids: installation.ids).open(tenant: tenant, id: key.id)
        #expect(opened.bytes == key.bytes)
        #expect(opened.id == key.id)
    }

    @Test func `a tenant's storage key is made by an explicit call only, and once`() throws {
        let installation = try KeyInstallation()
        let tenant = installation.ids.next()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        #expect(throws: KeysError.noTenantKey(tenant: tenant)) { try keys.create(tenant: tenant) }
        #expect(!keys.hasTenantKey(tenant))
        try keys.createTenantKey(tenant)
        #expect(keys.hasTenantKey(tenant))
        _ = try keys.create(tenant: tenant)
        #expect(throws: KeysError.self) { try keys.createTenantKey(tenant) }
    }

    @Test func `a destroyed key is gone from memory and from the store`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("vault").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        let path = "\(installation.root)/\(installation.dataKeyPath(tenant, key.id))"
        try FileManager.default.linkItem(atPath: path, toPath: installation.root + "/second-name")
        #expect(try keys.destroy(tenant: tenant, id: key.id))
        #expect(throws: KeysError.noDataKey(id: key.id)) { try keys.open(tenant: tenant, id: key.id) }
        #expect(!FileManager.default.fileExists(atPath: path))
        let left = try Data(contentsOf: URL(fileURLWithPath: installation.root + "/second-name"))
        #expect(left.count > 64 && left.allSatisfy { $0 == 0 })
        #expect(try !keys.destroy(tenant: tenant, id: key.id))
    }

    @Test func `one tenant's key does not open as another's, nor under another name`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let other = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        _ = try keys.create(tenant: other)
        let path = "\(installation.root)/\(installation.dataKeyPath(tenant, key.id))"
        let stolen = "\(installation.root)/\(installation.dataKeyPath(other, key.id))"
        try FileManager.default.createDirectory(
            atPath: (stolen as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: stolen)
        #expect(throws: KeysError.cannotUnseal(path: try storePath(installation, other, key.id))) {
            try keys.open(tenant: other, id: key.id)
        }
        let renamed = installation.ids.next()
        let target = "\(installation.root)/\(installation.dataKeyPath(tenant, renamed))"
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: target)
        #expect(throws: KeysError.self) { try keys.open(tenant: tenant, id: renamed) }
    }

    @Test func `a storage key of another installation does not open`() throws {
        let installation = try KeyInstallation()
        let other = try KeyInstallation()
        let tenant = try installation.tenant()
        let name = "storage/tenants/\(tenant.uuidString.lowercased()).kek"
        try FileManager.default.copyItem(atPath: "\(installation.root)/\(name)", toPath: "\(other.root)/\(name)")
        let keys = try other.store("intake").dataKeys(ids: other.ids)
        #expect(throws: KeysError.self) { try keys.create(tenant: tenant) }
    }

    @Test func `several tasks make keys of their own at once`() async throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let pool = BlockingPool(label: "test", width: 4)
        let made = try await withThrowingTaskGroup(of: UUID.self) { group in
            for _ in 0..<64 { group.addTask { try await pool.run { try keys.create(tenant: tenant).id } } }
            return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
        }
        #expect(made.count == 64)
    }

    private func storePath(_ installation: KeyInstallation, _ tenant: UUID, _ id: UUID) throws -> String {
        "\(installation.root)/intake/../\(installation.dataKeyPath(tenant, id))"
    }
}
