// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Foundation

/// A folder of key files and the rights that it and they must have.
struct KeyFolder: Sendable {
    /// Who may use the folder.
    enum Access: Sendable {
        /// One service: folder 0700, files 0600.
        case owner
        /// The services of one group, each with its own copy of what opens the files: folder 2770, files 0660.
        case group

        var folderMode: Int { self == .owner ? 0o700 : 0o2770 }
        var fileMode: UInt32 { self == .owner ? 0o600 : 0o660 }
        /// Bits that must not be set.
        var forbidden: Int { self == .owner ? 0o077 : 0o007 }
    }

    let path: String
    let access: Access

    /// Opens a folder that has to exist with no more rights than `access` allows.
    init(existing path: String, access: Access) throws(KeysError) {
        self.path = path
        self.access = access
        try check(path, expecting: .typeDirectory)
    }

    /// Opens the storage folder: shared when its mode gives the group the right to write.
    init(storage path: String) throws(KeysError) {
        let mode = try Self.attributes(path).mode
        try self.init(existing: path, access: mode & 0o020 == 0 ? .owner : .group)
    }

    /// Makes the folder where it is missing.
    init(making path: String, access: Access) throws(KeysError) {
        try Self.make(path, mode: access.folderMode)
        try self.init(existing: path, access: access)
    }

    func contains(_ name: String) -> Bool { Folder.contains("\(path)/\(name)") }

    /// Reads a file after its rights were checked.
    func read(_ name: String) throws(KeysError) -> [UInt8] {
        let path = "\(path)/\(name)"
        if access == .owner { try check(path, expecting: .typeRegular) }
        return try filing { () throws(FileSystemError) in try SecretFile.read(path) }
    }

    /// Writes a new file durably, making the folders on the way; one that exists is kept.
    /// - Throws: `KeysError.alreadyExists`.
    func write(_ bytes: [UInt8], to name: String) throws(KeysError) {
        let path = "\(path)/\(name)"
        do throws(FileSystemError) {
            try SecretFile.write(bytes, to: path, mode: access.fileMode)
        } catch {
            guard error.isMissing else { throw error.isExisting ? .alreadyExists(path: path) : .file(error) }
            try Self.make(Folder.parent(of: path), mode: access.folderMode)
            try filing { () throws(FileSystemError) in
                try SecretFile.write(bytes, to: path, mode: access.fileMode)
            }
        }
    }

    /// Makes an empty file to write in place; its name is durable.
    /// - Throws: `KeysError.alreadyExists`.
    func create(_ name: String) throws(KeysError) -> RandomAccessFile {
        try filing { () throws(FileSystemError) in
            try RandomAccessFile(creating: "\(path)/\(name)", mode: access.fileMode)
        }
    }

    /// Opens a file to read or write in place, after its rights were checked.
    func open(_ name: String, isWritable: Bool) throws(KeysError) -> RandomAccessFile {
        let path = "\(path)/\(name)"
        let (file, mode) = try filing { () throws(FileSystemError) in
            let file = try RandomAccessFile(opening: path, isWritable: isWritable)
            return (file, try file.mode())
        }
        guard mode & access.forbidden == 0 else { throw .exposed(path: path, mode: mode) }
        return file
    }

    /// Overwrites the file's blocks where they are, then removes its name; both durably.
    /// - Returns: False when there was none.
    func destroy(_ name: String) throws(KeysError) -> Bool {
        let path = "\(path)/\(name)"
        guard Folder.contains(path) else { return false }
        return try filing { () throws(FileSystemError) in
            let file = try RandomAccessFile(opening: path, isWritable: true)
            try file.write([UInt8](repeating: 0, count: file.size()), at: 0)
            try file.synchronize()
            return try Folder.removeFile(path)
        }
    }

    /// Makes a folder and its missing parents with exactly this mode.
    static func make(_ path: String, mode: Int) throws(KeysError) {
        try filing { () throws(FileSystemError) in try ExactFolder.make(path, mode: mode) }
    }

    private func check(_ path: String, expecting type: FileAttributeType) throws(KeysError) {
        let found = try Self.attributes(path)
        guard found.type == type else { throw .missing(path: path) }
        guard found.mode & access.forbidden == 0 else { throw .exposed(path: path, mode: found.mode) }
    }

    private static func attributes(_ path: String) throws(KeysError) -> (mode: Int, type: FileAttributeType) {
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: path)
        } catch {
            throw .missing(path: path)
        }
        guard
            let mode = attributes[.posixPermissions] as? Int, let type = attributes[.type] as? FileAttributeType
        else { throw .missing(path: path) }
        return (mode, type)
    }
}
