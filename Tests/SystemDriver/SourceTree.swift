// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// The source tree that the drivers were built from, and what stands in it.
package enum SourceTree {
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The document that the demonstration signs when it is given none.
    package static var sample: URL { root.appendingPathComponent("deploy/samples/onboarding-pack.pdf") }

    /// A judge's script.
    package static func fixture(_ name: String) -> URL {
        root.appendingPathComponent("Tests/EndToEndTests/Fixtures/\(name)")
    }
}
