// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Executables of this package, which lie beside the test bundle.
package enum TestProduct {
    /// - Throws: `MissingProduct` when it was not built.
    package static func executable(_ name: String) throws -> URL {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let url = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else { throw MissingProduct(path: url.path) }
        return url
    }

    struct MissingProduct: Error {
        let path: String
    }
}
