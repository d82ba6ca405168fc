// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file in memory that has no name and never reaches a disk; for handing a document to another process.
package final class AnonymousFile: Sendable {
    /// A file system in memory on every Linux.
    private static let folder = "/dev/shm"

    private let descriptor: Descriptor

    /// An empty file.
    package init() throws(FileSystemError) {
        descriptor = try Descriptor(opening: Self.folder, O_RDWR | Descriptor.nameless, mode: 0o600)
    }

    /// For inheritance by a child process; valid as long as this object lives.
    package var descriptorNumber: Int32 { descriptor.number }

    /// Adds bytes at the end; calls follow one another.
    package func append(_ bytes: [UInt8]) throws(FileSystemError) {
        try descriptor.write(bytes)
    }
}
