// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import Testing

@testable import Keys

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
        let neighbour = try keys.create(tenant: tenant)
        let written = try installation.slotBytes(of: key.id)
        let path = "\(installation.root)/\(try installation.place(of: key.id).path)"
        try FileManager.default.linkItem(atPath: path, toPath: installation.root + "/second-name")
        #expect(try keys.destroy(tenant: tenant, id: key.id))
        #expect(throws: KeysError.noDataKey(id: key.id)) { try keys.open(tenant: tenant, id: key.id) }
        #expect(try installation.slotBytes(of: key.id) == [UInt8](repeating: 0, count: KeySlot.size))
        let left = try Data(contentsOf: URL(fileURLWithPath: installation.root + "/second-name"))
        #expect(left.range(of: Data(written[16..<48])) == nil)
        #expect(try !keys.destroy(tenant: tenant, id: key.id))
        let other = try installation.store("vault").dataKeys(ids: installation.ids)
        #expect(try other.open(tenant: tenant, id: neighbour.id).bytes == neighbour.bytes)
    }

    @Test func `one tenant's key does not open as another's, nor under another name`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let other = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        let renamed = try keys.create(tenant: tenant)
        let stranger = try installation.store("vault").dataKeys(ids: installation.ids)
        #expect(throws: KeysError.noDataKey(id: key.id)) { try stranger.open(tenant: other, id: key.id) }
        #expect(try !stranger.destroy(tenant: other, id: key.id))
        let slot = try installation.slotBytes(of: key.id)
        try installation.overwriteSlot(of: key.id, with: other.bytes)
        #expect(throws: KeysError.cannotUnseal(path: try storePath(installation, key.id))) {
            try stranger.open(tenant: other, id: key.id)
        }
        try installation.overwriteSlot(of: renamed.id, with: slot)
        #expect(throws: KeysError.noDataKey(id: renamed.id)) { try stranger.open(tenant: tenant, id: renamed.id) }
        let idStart = try #require(slot.indices.first { slot[$0...].starts(with: key.id.bytes) })
        try installation.overwriteSlot(of: renamed.id, with: slot[..<idStart] + renamed.id.bytes)
        #expect(throws: KeysError.cannotUnseal(path: try storePath(installation, renamed.id))) {
            try stranger.open(tenant: tenant, id: renamed.id)
        }
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

    @Test func `keys made together are as good as keys made alone`() throws {
        let installation = try KeyInstallation()
        let tenants = [try installation.tenant(), try installation.tenant()]
        let keys = try installation.store("vault").dataKeys(ids: installation.ids)
        let made = try keys.create(tenants: [tenants[0], tenants[1], tenants[0]])
        let other = try installation.store("signer").dataKeys(ids: installation.ids)
        for (key, tenant) in zip(made, [tenants[0], tenants[1], tenants[0]]) {
            #expect(try other.open(tenant: tenant, id: key.id).bytes == key.bytes)
        }
        #expect(Set(made.map(\.bytes)).count == 3)
        #expect(try keys.create(tenants: []).isEmpty)
    }

    private func storePath(_ installation: KeyInstallation, _ id: UUID) throws -> String {
        "\(installation.root)/vault/../\(try installation.place(of: id).path)"
    }
}
