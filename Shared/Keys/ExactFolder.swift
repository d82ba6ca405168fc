// SPDX-License-Identifier: Apache-2.0
package import FileSystem
import Foundation

/// Folders whose mode is exact from the moment they can be seen.
package enum ExactFolder {
    /// Makes a folder with this mode, which the umask would narrow, and missing parents likewise; durable.
    ///
    /// The folder gets its name only after its mode: several users may make the same one at once.
    package static func make(_ path: String, mode: Int) throws(FileSystemError) {
        if Folder.contains(path) { return }
        let parent = Folder.parent(of: path)
        try make(parent, mode: mode)
        let random = UInt64.random(in: .min ... .max)
        let temporary = "\(parent)/.\(Folder.name(of: path)).\(String(random, radix: 36)).partial"
        try Folder.create(temporary, mode: 0o700)
        do {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: temporary)
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            guard Folder.contains(path) else { throw FileSystemError(.createFolder, errno: EACCES, path: path) }
        }
        try Folder.synchronize(parent)
    }
}
