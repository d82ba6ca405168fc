// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A file that appears under its name only when it is complete and on disk.
///
/// `commit` makes the bytes durable, gives them their name in one step and makes the name durable too. A new file has no
/// name at all before (O_TMPFILE), so that nothing of it survives a crash. Only a name can replace a name: there, and on
/// a file system without nameless files such as NFS, a temporary file in the same folder holds the bytes, and one that a
/// crash left behind ends in `.partial`.
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

    /// O_TMPFILE of <fcntl.h> on x86-64 and ARM, which Swift does not import.
    private static let nameless = 0o20000000 | O_DIRECTORY

    package let path: String
    /// Nil while the file has no name.
    private let temporaryPath: String?
    private let folder: String
    private let mode: mode_t
    private let existing: Existing
    private let state: Mutex<State>

    /// Creates the file; the folder has to exist.
    package convenience init(
        path: String, mode: UInt32 = 0o600, existing: Existing = .replace
    ) throws(FileSystemError) {
        try self.init(path: path, mode: mode, existing: existing, isNameless: existing == .refuse)
    }

    init(path: String, mode: UInt32, existing: Existing, isNameless: Bool) throws(FileSystemError) {
        self.path = path
        folder = Folder.parent(of: path)
        self.mode = mode
        self.existing = existing
        if isNameless, let descriptor = try Self.namelessFile(in: folder, for: path) {
            temporaryPath = nil
            state = Mutex(.open(descriptor))
        } else {
            let random = String(UInt64.random(in: .min ... .max), radix: 36)
            let temporary = "\(folder)/.\(Folder.name(of: path)).\(random).partial"
            temporaryPath = temporary
            state = Mutex(.open(try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)))
        }
    }

    /// Nil where the file system has none.
    private static func namelessFile(in folder: String, for path: String) throws(FileSystemError) -> Descriptor? {
        do throws(FileSystemError) {
            return try Descriptor(opening: folder, O_WRONLY | Self.nameless, mode: 0o600, as: path)
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
    /// - Throws: `FileSystemError`; what was written is gone then, and the name is as it was before.
    package func commit() throws(FileSystemError) {
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
        try Folder.synchronize(folder)
    }

    private func giveName(to descriptor: Descriptor) throws(FileSystemError) {
        guard let temporaryPath else {
            // Linking the descriptor itself (AT_EMPTY_PATH) is only for root.
            let file = "/proc/self/fd/\(descriptor.number)"
            guard linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else {
                throw FileSystemError(.link, errno: errno, path: path)
            }
            return
        }
        switch existing {
        case .replace:
            guard rename(temporaryPath, path) == 0 else { throw FileSystemError(.rename, errno: errno, path: path) }
        case .refuse:
            guard link(temporaryPath, path) == 0 else { throw FileSystemError(.link, errno: errno, path: path) }
            unlink(temporaryPath)
        }
    }

    /// Removes what was written; does nothing after `commit` or a second time.
    package func discard() {
        let wasOpen = state.withLock { state -> Bool in
            guard case .open = state else { return false }
            state = .closed
            return true
        }
        if wasOpen, let temporaryPath { unlink(temporaryPath) }
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
