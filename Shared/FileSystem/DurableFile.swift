// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A file that appears under its name only when it is complete and on disk.
///
/// Bytes go to a temporary file in the same folder; `commit` makes them durable, gives them their name in one step and
/// makes the name durable too. A file that is never committed leaves nothing behind, except after a crash: such
/// leftovers end in `.partial`.
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
    private let folder: String
    private let mode: mode_t
    private let existing: Existing
    private let state: Mutex<State>

    /// Creates the temporary file; the folder has to exist.
    package init(path: String, mode: UInt32 = 0o600, existing: Existing = .replace) throws(FileSystemError) {
        let slash = path.lastIndex(of: "/")
        folder = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        temporaryPath = "\(folder)/.\(name).\(random).partial"
        self.path = path
        self.mode = mode
        self.existing = existing
        let descriptor = try Descriptor(opening: temporaryPath, O_WRONLY | O_CREAT | O_EXCL, mode: mode | 0o200)
        state = Mutex(.open(descriptor))
    }

    deinit { discard() }

    /// Adds bytes at the end.
    package func append(_ bytes: [UInt8]) throws(FileSystemError) {
        try descriptor().write(bytes)
    }

    /// Makes content and name durable; afterwards the file is closed.
    /// - Throws: `FileSystemError`; the temporary file is gone then, and the name is as it was before.
    package func commit() throws(FileSystemError) {
        let descriptor = try descriptor()
        do throws(FileSystemError) {
            // The mode given to open is narrowed by the process's umask, so it is set again.
            guard fchmod(descriptor.number, mode) == 0 else {
                throw FileSystemError(.write, errno: errno, path: temporaryPath)
            }
            try descriptor.synchronize()
            switch existing {
            case .replace:
                guard rename(temporaryPath, path) == 0 else { throw FileSystemError(.rename, errno: errno, path: path) }
            case .refuse:
                guard link(temporaryPath, path) == 0 else { throw FileSystemError(.link, errno: errno, path: path) }
                unlink(temporaryPath)
            }
        } catch {
            discard()
            throw error
        }
        state.withLock { $0 = .closed }
        try Folder.synchronize(folder.isEmpty ? "/" : folder)
    }

    /// Removes what was written; does nothing after `commit` or a second time.
    package func discard() {
        let wasOpen = state.withLock { state -> Bool in
            guard case .open = state else { return false }
            state = .closed
            return true
        }
        if wasOpen { unlink(temporaryPath) }
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
