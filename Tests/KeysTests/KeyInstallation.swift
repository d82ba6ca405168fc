// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FileSystem
import Foundation
import Testing

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

    /// The segment file that a data key lies in, and where.
    func place(of id: UUID) throws -> (path: String, range: Range<Int>) {
        let slot = try #require(KeySlot(of: id))
        return ("storage/\(slot.fileName)", slot.offset..<(slot.offset + KeySlot.size))
    }

    /// What lies in a data key's slot.
    func slotBytes(of id: UUID) throws -> [UInt8] {
        let (path, range) = try place(of: id)
        return Array(try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)"))[range])
    }

    /// Writes bytes where a data key lies.
    func overwriteSlot(of id: UUID, with bytes: [UInt8]) throws {
        let (path, range) = try place(of: id)
        try RandomAccessFile(opening: "\(root)/\(path)", isWritable: true).write(bytes, at: range.lowerBound)
    }

    func segmentNames() throws -> [String] { try Folder.names(in: "\(root)/storage/data-keys") }
}
