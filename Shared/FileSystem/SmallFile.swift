// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Whole files that fit into memory.
package enum SmallFile {
    /// All bytes; also of files in `/proc`, whose stated size is zero.
    /// - Throws: `FileSystemError` with `EFBIG` when there are more than `maximumBytes`.
    package static func read(_ path: String, maximumBytes: Int = 1 << 20) throws(FileSystemError) -> [UInt8] {
        try read(Descriptor(opening: path, O_RDONLY), maximumBytes: maximumBytes)
    }

    static func read(_ descriptor: Descriptor, maximumBytes: Int) throws(FileSystemError) -> [UInt8] {
        let status = try descriptor.status()
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileSystemError(.read, errno: EISDIR, path: descriptor.path)
        }
        let stated = Int(status.st_size)
        guard stated <= maximumBytes else { throw FileSystemError(.read, errno: EFBIG, path: descriptor.path) }
        var bytes: [UInt8] = []
        while true {
            let chunk = try descriptor.read(at: bytes.count, count: max(stated + 1 - bytes.count, 4096))
            if chunk.isEmpty { return bytes }
            bytes.append(contentsOf: chunk)
            guard bytes.count <= maximumBytes else { throw FileSystemError(.read, errno: EFBIG, path: descriptor.path) }
        }
    }
}

/// Files that hold a password or a key.
package enum SecretFile {
    /// All bytes of a regular file that others may neither read nor write.
    /// - Throws: `FileSystemError` with `.checkMode` when the mode gives others any right.
    package static func read(_ path: String, maximumBytes: Int = 64 * 1024) throws(FileSystemError) -> [UInt8] {
        let descriptor = try Descriptor(opening: path, O_RDONLY)
        // The mode of the opened file, not of the name: the name may be exchanged in between.
        guard try descriptor.status().st_mode & 0o007 == 0 else {
            throw FileSystemError(.checkMode, errno: EPERM, path: path)
        }
        return try SmallFile.read(descriptor, maximumBytes: maximumBytes)
    }

    /// Writes durably with mode 0600 by default; a replaced file is replaced in one step.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, existing: DurableFile.Existing = .refuse
    ) throws(FileSystemError) {
        precondition(mode & 0o007 == 0, "a secret is not for others")
        try DurableFile.write(bytes, to: path, mode: mode, existing: existing)
    }
}
