// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

struct SourceStyleTests {
    private static let folders = ["Shared", "Services", "Tests"]

    @Test(arguments: [("Shared", 500), ("Services", 500), ("Tests", 700)])
    func `A file stays readable in one sitting`(folder: String, most: Int) throws {
        for file in try Repository.swiftFiles(under: folder) {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= most + 1, "\(file.lastPathComponent) has \(lines.count) lines")
        }
    }

    @Test func `Every declaration that other modules see has a comment of its own`() throws {
        for folder in ["Shared", "Services"] {
            for file in try Repository.swiftFiles(under: folder) {
                for line in try undocumented(in: file) {
                    Issue.record("\(file.lastPathComponent):\(line) is visible to other modules and says nothing about itself")
                }
            }
        }
    }

    /// Lines of `package` types and functions without a `///` line right above (attributes between are fine).
    ///
    /// Stored properties, cases and initializers whose type already says all are left to the reader's judgement.
    private func undocumented(in file: URL) throws -> [Int] {
        let kinds = ["struct", "class", "enum", "protocol", "actor", "func"]
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        var found: [Int] = []
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ").prefix(5).map(String.init)
            guard words.first == "package", words.contains(where: kinds.contains) else { continue }
            var above = index - 1
            while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
            let comment = above >= 0 ? lines[above].trimmingCharacters(in: .whitespaces) : ""
            let isConformance = words.contains("func") && ["hash", "==", "<", "description", "encode", "run"].contains { line.contains("func \($0)") }
            if !comment.hasPrefix("///"), !isConformance { found.append(index + 1) }
        }
        return found
    }

    @Test func `Nothing is forced: no try!, no fatalError, no second test framework`() throws {
        let banned = ["try" + "!", "fatal" + "Error(", "import XC" + "Test", "Task." + "detached"]
        for folder in Self.folders {
            for file in try Repository.swiftFiles(under: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for word in banned { #expect(!text.contains(word), "\(file.lastPathComponent) has \(word)") }
            }
        }
    }
}
