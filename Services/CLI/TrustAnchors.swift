// SPDX-License-Identifier: Apache-2.0
import Cryptography
import FileSystem

/// The certificates of `--trust` files.
enum TrustAnchors {
    /// All certificates of all files, in their order.
    /// - Throws: `UsageError` for a file without a certificate: a chain judged without it would end in a wrong verdict.
    static func read(_ paths: [String]) throws(UsageError) -> [Certificate] {
        var anchors: [Certificate] = []
        for path in paths {
            guard let pem = try? SmallFile.read(path), let found = try? Certificate.certificates(pem: pem) else {
                throw UsageError(message: "--trust \(path) holds no certificate that can be read")
            }
            anchors += found
        }
        return anchors
    }
}
