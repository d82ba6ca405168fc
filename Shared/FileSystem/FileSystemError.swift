// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A refused file operation; the path names the object, never its content.
package struct FileSystemError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Operation: String, Sendable {
        case open, read, write, synchronize, link, rename, remove, status, createFolder = "create folder"
        case list, checkMode = "check mode", statistics
    }

    package let operation: Operation
    /// The operating system's code, `EPERM` for a mode that Paraph itself refuses.
    package let errno: Int32
    package let path: String

    /// Wraps a code of the operating system.
    package init(_ operation: Operation, errno: Int32, path: String) {
        self.operation = operation
        self.errno = errno
        self.path = path
    }

    /// Nothing stands at the path.
    package var isMissing: Bool { errno == ENOENT }

    /// Something stands at the path already.
    package var isExisting: Bool { errno == EEXIST }

    /// The volume or the quota is full.
    package var isFull: Bool { errno == ENOSPC || errno == EDQUOT }

    package var description: String {
        let reason =
            operation == .checkMode && errno == EPERM ? "others may open it; run chmod o-rwx" : Self.text(errno)
        return "cannot \(operation.rawValue) \(path): \(reason)"
    }

    private static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
