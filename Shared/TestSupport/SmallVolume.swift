// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A file system of a few kilobytes in memory, for what happens on a full disk; only root can mount one.
package struct SmallVolume {
    private let path: String

    /// Mounts one of this size (in the words of tmpfs) over the folder, which only the owner may enter.
    package init(over path: String, size: String) throws {
        self.path = path
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(size),mode=0700", "tmpfs", path)
    }

    /// Makes room or takes it away.
    package func resize(to size: String) throws {
        try Self.run("mount", "-o", "remount,size=\(size)", path)
    }

    /// Lazily, because a process that another test starts at this moment may hold the folder for an instant.
    package func unmount() {
        try? Self.run("umount", "--lazy", path)
    }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SmallVolumeError(program: program) }
    }
}

/// What `mount` or `umount` refused stands in their own words on standard error.
package struct SmallVolumeError: Error {
    let program: String
}
