// SPDX-License-Identifier: Apache-2.0
import FileSystem

enum SecretFileContent {
    /// Nil when the file is missing, empty, too large or open to others.
    static func secret(at path: String) -> Secret? {
        guard var bytes = try? SecretFile.read(path) else { return nil }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes.isEmpty ? nil : Secret(bytes)
    }
}
