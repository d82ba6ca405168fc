// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that is read and written in place, by any thread.
package final class RandomAccessFile: Sendable {
    private let descriptor: Descriptor

    /// Makes an empty file with exactly this mode, whose name is durable when this returns.
    /// - Throws: `FileSystemError`, whose `isExisting` is true when the name is taken.
    package init(creating path: String, mode: UInt32) throws(FileSystemError) {
        descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: mode)
        try descriptor.setMode(mode)
        try Folder.synchronize(Folder.parent(of: path))
    }

    /// Opens an existing regular file.
    package init(opening path: String, isWritable: Bool) throws(FileSystemError) {
        descriptor = try Descriptor(opening: path, isWritable ? O_RDWR : O_RDONLY)
        guard try descriptor.status().st_mode & S_IFMT == S_IFREG else {
            throw FileSystemError(.open, errno: EINVAL, path: path)
        }
    }

    /// Permission bits of the opened file, whatever stands under its name by now.
    package func mode() throws(FileSystemError) -> Int {
        Int(try descriptor.status().st_mode & 0o7777)
    }

    /// In bytes, as it is now.
    package func size() throws(FileSystemError) -> Int { Int(try descriptor.status().st_size) }

    /// Up to `count` bytes; fewer where the file ends.
    package func read(at offset: Int, count: Int) throws(FileSystemError) -> [UInt8] {
        try descriptor.read(at: offset, count: count)
    }

    /// Writes all bytes over what is there, or beyond the end.
    package func write(_ bytes: [UInt8], at offset: Int) throws(FileSystemError) {
        try descriptor.write(bytes, at: offset)
    }

    /// Makes content and size durable (fdatasync); without a change of size no metadata is written.
    package func synchronize() throws(FileSystemError) {
        try descriptor.synchronizeContent()
    }
}
