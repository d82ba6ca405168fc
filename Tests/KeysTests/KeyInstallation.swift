// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FileSystem
import Foundation

@testable import Keys

/// A development installation in a folder of its own, removed when the last reference goes.
final class KeyInstallation: Sendable {
    static let start = Instant(microseconds: 1_790_000_000_000_000)

    let root: String
    let keys: DevelopmentKeys
    let ids = IDSource.uuidv7(clock: .system)
    let clock = ManualClock(start)

    init(storageGroup: UInt32? = nil) throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-keys-\(UUID())").path
        keys = try DevelopmentKeys.create(at: root, storageGroup: storageGroup, clock: clock.clock, ids: ids)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func store(_ service: String) throws -> KeyStore { try KeyStore(folder: "\(root)/\(service)") }

    func tenant() throws -> UUID {
        let tenant = ids.next()
        try keys.addTenant(tenant, organization: "Test Ltd", kind: .p256)
        return tenant
    }

    func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")
        return attributes[.posixPermissions] as? Int ?? 0
    }

    func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(root)/\(path)")
    }

    /// Every file below the root, by its path from there.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root).filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue
        }
    }

    func dataKeyPath(_ tenant: UUID, _ id: UUID) -> String {
        let text = id.uuidString.lowercased()
        return "storage/data-keys/\(tenant.uuidString.lowercased())/\(text.suffix(2))/\(text)"
    }
}
