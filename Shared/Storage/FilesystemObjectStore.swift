// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import FileSystem
package import Foundation
package import Keys

/// Objects as files: `{area}/{tenant}/{x}/{artifact_id}`, encrypted, fsynced, named by an atomic link.
package final class FilesystemObjectStore: ObjectStore {
    private let root: String
    private let keys: DataKeyStore
    private let pool: BlockingPool
    private let areas: [StorageArea: AreaFolder]
    private let immutability: ImmutableFlag?

    /// Makes the root where it is missing; an area's folder is made by its first write.
    ///
    /// A working folder whose group may write (2770), or such a root where there is none yet, is shared: its objects
    /// are then readable by the group. `width` bounds how many objects are written or opened at once.
    /// `hasImmutableEvidence` also sets the immutable flag on evidence where the process may.
    /// - Throws: `StorageError` when the root cannot be made or used.
    package init(
        root: String, keys: DataKeyStore, hasImmutableEvidence: Bool = false, width: Int = 16
    ) throws(StorageError) {
        self.root = root
        self.keys = keys
        pool = BlockingPool(label: "storage", width: width)
        immutability = hasImmutableEvidence ? ImmutableFlag() : nil
        try filing { () throws(FileSystemError) in try ExactFolder.make(root, mode: 0o700) }
        let working = "\(root)/\(StorageArea.working.rawValue)"
        let judged = Folder.contains(working) ? working : root
        let attributes = try? FileManager.default.attributesOfItem(atPath: judged)
        let isShared = (attributes?[.posixPermissions] as? Int).map { $0 & 0o020 != 0 } ?? false
        areas = Dictionary(
            uniqueKeysWithValues: StorageArea.allCases.map {
                ($0, AreaFolder(area: $0, path: "\(root)/\($0.rawValue)", isShared: isShared))
            })
    }

    package func writer(tenant: UUID, artifact: UUID, area: StorageArea) async throws -> any ObjectWriter {
        FilesystemObjectWriter(
            location: location(tenant, artifact, area), pool: pool,
            immutability: area == .evidence ? immutability : nil)
    }

    package func open(_ object: StoredObject, in area: StorageArea) async throws -> any ByteSource {
        let location = location(object.tenant, object.artifact, area)
        return try await pool.run {
            let (source, dataKeyID) = try location.open()
            guard dataKeyID == object.dataKeyID, source.size == object.size else {
                throw StorageError.corrupted(artifact: object.artifact, reason: "key or size is not the reference's")
            }
            source.readAhead()
            return source
        }
    }

    package func bytes(in range: Range<Int>, of source: any ByteSource) async throws -> [UInt8] {
        if let source = source as? DecryptingSource, source.isInMemory { return try source.bytes(in: range) }
        return try await pool.run { try source.bytes(in: range) }
    }

    @discardableResult
    package func delete(_ object: StoredObject, in area: StorageArea) async throws -> Bool {
        let path = location(object.tenant, object.artifact, area).path
        let keys = keys
        let immutability = area == .evidence ? immutability : nil
        return try await pool.run {
            let hadKey = try keying { () throws(KeysError) in
                try keys.destroy(tenant: object.tenant, id: object.dataKeyID)
            }
            immutability?.clear(path)
            let hadFile = try filing { () throws(FileSystemError) in try Folder.removeFile(path) }
            return hadKey || hadFile
        }
    }

    private func location(_ tenant: UUID, _ artifact: UUID, _ area: StorageArea) -> ObjectLocation {
        let folder = areas[area] ?? AreaFolder(area: area, path: "\(root)/\(area.rawValue)", isShared: false)
        return ObjectLocation(area: folder, keys: keys, tenant: tenant, artifact: artifact)
    }
}
