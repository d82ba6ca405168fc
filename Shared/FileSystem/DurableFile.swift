// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A file that appears under its name only when it is complete and on disk.
///
/// `commit` makes the bytes durable, gives them their name in one step and makes the name durable too. Before, the file
/// has no name at all (O_TMPFILE), so that nothing of it survives a crash. Only a name can replace a name: there one that
/// ends in `.partial` is given between the last two steps. On a file system without nameless files, such as NFS, a
/// temporary file of that name holds the bytes from the beginning, and a crash leaves it behind.
package final class DurableFile: Sendable {
    /// What happens when the name is taken.
    package enum Existing: Sendable {
        /// The new content takes the name in one step.
        case replace
        /// `commit` throws an error whose `isExisting` is true and the old file stays as it was.
        case refuse
    }

    private enum State {
        case open(Descriptor)
        case closed
    }

    package let path: String
    private let temporaryPath: String
    private let isNameless: Bool
    private let folder: String
    private let mode: mode_t
    private let existing: Existing
    private let state: Mutex<State>

    /// Creates the file; the folder has to exist.
    package convenience init(
        path: String, mode: UInt32 = 0o600, existing: Existing = .replace
    ) throws(FileSystemError) {
        try self.init(path: path, mode: mode, existing: existing, isNameless: true)
    }

    init(path: String, mode: UInt32, existing: Existing, isNameless: Bool) throws(FileSystemError) {
        self.path = path
        folder = Folder.parent(of: path)
        self.mode = mode
        self.existing = existing
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        temporaryPath = "\(folder)/.\(Folder.name(of: path)).\(random).partial"
        if isNameless, let descriptor = try Self.namelessFile(in: folder, for: path) {
            self.isNameless = true
            state = Mutex(.open(descriptor))
        } else {
            self.isNameless = false
            state = Mutex(.open(try Descriptor(opening: temporaryPath, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)))
        }
    }

    /// Nil where the file system has none.
    private static func namelessFile(in folder: String, for path: String) throws(FileSystemError) -> Descriptor? {
        do throws(FileSystemError) {
            return try Descriptor(opening: folder, O_WRONLY | Descriptor.nameless, mode: 0o600, as: path)
        } catch {
            guard error.errno == EOPNOTSUPP else { throw error }
            return nil
        }
    }

    deinit { discard() }

    /// Adds bytes at the end.
    package func append(_ bytes: [UInt8]) throws(FileSystemError) {
        try descriptor().write(bytes)
    }

    /// Makes content and name durable; afterwards the file is closed.
    /// - Parameter waitsForName: Without it the name is left to the file system, which keeps the order in which names
    ///   change: a crash soon after may take the name back, but no name then stands for half a file.
    /// - Throws: `FileSystemError`; what was written is gone then, and the name is as it was before.
    package func commit(waitsForName: Bool = true) throws(FileSystemError) {
        let descriptor = try descriptor()
        do throws(FileSystemError) {
            try descriptor.setMode(mode)
            try descriptor.synchronize()
            try giveName(to: descriptor)
        } catch {
            discard()
            throw error
        }
        state.withLock { $0 = .closed }
        if waitsForName { try Folder.synchronize(folder) }
    }

    private func giveName(to descriptor: Descriptor) throws(FileSystemError) {
        if isNameless {
            do throws(FileSystemError) {
                return try Self.giveName(to: descriptor, at: path)
            } catch {
                guard existing == .replace, error.isExisting else { throw error }
            }
            try Self.giveName(to: descriptor, at: temporaryPath)
        }
        switch existing {
        case .replace:
            guard rename(temporaryPath, path) == 0 else {
                let code = errno
                unlink(temporaryPath)
                throw FileSystemError(.rename, errno: code, path: path)
            }
        case .refuse:
            guard link(temporaryPath, path) == 0 else { throw FileSystemError(.link, errno: errno, path: path) }
            unlink(temporaryPath)
        }
    }

    /// Linking the descriptor itself (AT_EMPTY_PATH) is only for root.
    private static func giveName(to descriptor: Descriptor, at path: String) throws(FileSystemError) {
        let file = "/proc/self/fd/\(descriptor.number)"
        guard linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else {
            throw FileSystemError(.link, errno: errno, path: path)
        }
    }

    /// Removes what was written; does nothing after `commit` or a second time.
    package func discard() {
        let wasOpen = state.withLock { state -> Bool in
            guard case .open = state else { return false }
            state = .closed
            return true
        }
        if wasOpen, !isNameless { unlink(temporaryPath) }
    }

    /// Writes a whole file in one call.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, existing: Existing = .replace
    ) throws(FileSystemError) {
        let file = try DurableFile(path: path, mode: mode, existing: existing)
        do {
            try file.append(bytes)
        } catch {
            file.discard()
            throw error
        }
        try file.commit()
    }

    private func descriptor() throws(FileSystemError) -> Descriptor {
        let descriptor = state.withLock { state -> Descriptor? in
            if case .open(let descriptor) = state { descriptor } else { nil }
        }
        guard let descriptor else { throw FileSystemError(.write, errno: EBADF, path: path) }
        return descriptor
    }
}
