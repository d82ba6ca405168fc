// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Operations on folders and on names in them.
package enum Folder {
    /// Creates the folder and its missing parents; one that exists is left as it is.
    package static func create(_ path: String, mode: UInt32 = 0o700) throws(FileSystemError) {
        if mkdir(path, mode) == 0 { return }
        let code = errno
        if code == EEXIST {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw FileSystemError(.createFolder, errno: ENOTDIR, path: path)
            }
            return
        }
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw FileSystemError(.createFolder, errno: code, path: path)
        }
        try create(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw FileSystemError(.createFolder, errno: errno, path: path)
        }
    }

    /// The names in the folder without `.` and `..`, sorted.
    package static func names(in path: String) throws(FileSystemError) -> [String] {
        guard let folder = opendir(path) else { throw FileSystemError(.list, errno: errno, path: path) }
        defer { closedir(folder) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(folder) {
            // `d_name` is a fixed array that imports as a tuple; the name ends at its first zero byte.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileSystemError(.list, errno: errno, path: path) }
        return names.sorted()
    }

    /// Whether a file or folder stands at the path.
    package static func contains(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether the path leads to a folder, symbolic links followed.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether both paths lead to one file that exists, by whatever names.
    package static func isSameFile(_ first: String, _ second: String) -> Bool {
        var left = stat()
        var right = stat()
        return stat(first, &left) == 0 && stat(second, &right) == 0 && left.st_dev == right.st_dev
            && left.st_ino == right.st_ino
    }

    /// Removes a file and makes the removal durable.
    /// - Returns: False when there was none.
    @discardableResult
    package static func removeFile(_ path: String) throws(FileSystemError) -> Bool {
        guard unlink(path) == 0 else {
            if errno == ENOENT { return false }
            throw FileSystemError(.remove, errno: errno, path: path)
        }
        try synchronize(parent(of: path))
        return true
    }

    /// The folder that a path's last name stands in.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A path's last name.
    package static func name(of path: String) -> Substring {
        path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    }

    /// Makes names in the folder durable (fsync of the folder itself).
    package static func synchronize(_ path: String) throws(FileSystemError) {
        try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
