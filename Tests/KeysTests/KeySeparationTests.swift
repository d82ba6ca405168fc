// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import Testing

@testable import Keys

@Suite struct KeySeparationTests {
    private static let services = DevelopmentKeys.entitlements.map(\.service)
    private static let firstUser: UInt32 = 61_000
    private static let storageGroup: UInt32 = 61_100

    @Test(.enabled(if: geteuid() == 0, "needs root, to become other users"))
    func `no service can open another's key file, and only those that store documents the shared ones`()
        async throws
    {
        let root = "/tmp/paraph-separation-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let ids = IDSource.uuidv7(clock: .system)
        let owners = Dictionary(
            uniqueKeysWithValues: Self.services.enumerated().map { index, service in
                let id = Self.firstUser + UInt32(index)
                return (service, DevelopmentKeys.Owner(user: id, group: id))
            })
        _ = try DevelopmentKeys.create(
            at: root, owners: owners, storageGroup: Self.storageGroup, clock: .system, ids: ids)
        let keys = try DevelopmentKeys(at: root, clock: .system, ids: ids)
        let tenant = ids.next()
        try keys.addTenant(tenant, organization: "Test", kind: .p256)
        _ = try KeyStore(folder: root + "/intake").dataKeys(ids: ids).create(tenant: tenant)
        let files = try FileManager.default.subpathsOfDirectory(atPath: root).filter { path in
            ["key", "sealed", "pem", "kek"].contains((path as NSString).pathExtension) || path.contains("data-keys/")
        }
        #expect(files.count > 15)
        for (index, service) in Self.services.enumerated() {
            let user = Self.firstUser + UInt32(index)
            let isStoring = DevelopmentKeys.entitlements[index].purposes.contains(.storageMaster)
            await #expect(processExitsWith: .success) {
                [
                    root = root as String, files = files as [String], service = service as String,
                    user = user as UInt32, isStoring = isStoring as Bool,
                ] in
                becomeUser(user, groups: isStoring ? [Self.storageGroup] : [])
                for path in files {
                    let isOwn = path.hasPrefix(service + "/") || (isStoring && path.hasPrefix("storage/"))
                    let descriptor = open("\(root)/\(path)", O_RDONLY)
                    guard (descriptor >= 0) == isOwn else { exit(EXIT_FAILURE) }
                    close(descriptor)
                }
                exit(EXIT_SUCCESS)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to become other users"))
    func `a data key made by one service's user can be opened and destroyed by another's`() async throws {
        let root = "/tmp/paraph-separation-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let ids = IDSource.uuidv7(clock: .system)
        let intake = DevelopmentKeys.Owner(user: Self.firstUser, group: Self.firstUser)
        let vault = DevelopmentKeys.Owner(user: Self.firstUser + 1, group: Self.firstUser + 1)
        let keys = try DevelopmentKeys.create(
            at: root, owners: ["intake": intake, "vault": vault], storageGroup: Self.storageGroup, clock: .system,
            ids: ids)
        let tenant = ids.next()
        try keys.addTenant(tenant, organization: "Test", kind: .p256)
        let source = ids.next()
        // A store's first key lies in the first slot of the segment that its first id names.
        let id = KeySlot(segment: KeySlot.segment(named: source), index: 0).id(from: source)
        await #expect(processExitsWith: .success) {
            [root = root as String, tenant = tenant as UUID, source = source as UUID] in
            becomeUser(Self.firstUser, groups: [Self.storageGroup])
            let store = try KeyStore(folder: root + "/intake").dataKeys(ids: IDSource { source })
            _ = try store.create(tenant: tenant)
        }
        await #expect(processExitsWith: .success) {
            [root = root as String, tenant = tenant as UUID, id = id as UUID] in
            becomeUser(Self.firstUser + 1, groups: [Self.storageGroup])
            let store = try KeyStore(folder: root + "/vault").dataKeys(ids: .uuidv7(clock: .system))
            _ = try store.open(tenant: tenant, id: id)
            guard try store.destroy(tenant: tenant, id: id) else { exit(EXIT_FAILURE) }
            // A second key goes into folders that may be this user's or the other's.
            for _ in 0..<20 { _ = try store.create(tenant: tenant) }
        }
    }
}

/// Gives up root for good; the process ends when it cannot.
private func becomeUser(_ user: UInt32, groups: [UInt32]) {
    guard setgroups(groups.count, groups) == 0, setgid(user) == 0, setuid(user) == 0 else { exit(99) }
}
