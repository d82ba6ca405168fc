// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How full the volume under a path is.
package struct Volume: Sendable, Equatable {
    /// What an unprivileged process may still write.
    package let freeBytes: Int
    package let totalBytes: Int

    /// Asks the file system that holds the path.
    package init(at path: String) throws(FileSystemError) {
        var statistics = statvfs()
        guard statvfs(path, &statistics) == 0 else { throw FileSystemError(.statistics, errno: errno, path: path) }
        freeBytes = Int(statistics.f_bavail) * Int(statistics.f_frsize)
        totalBytes = Int(statistics.f_blocks) * Int(statistics.f_frsize)
    }

    /// Between 0 (full) and 1.
    package var freeFraction: Double { totalBytes == 0 ? 0 : Double(freeBytes) / Double(totalBytes) }
}
