// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

struct SourceStyleTests {
    private static let folders = ["Shared", "Services", "Tests"]

    @Test(arguments: [("Shared", 500), ("Services", 500), ("Tests", 700)])
    func `A file stays readable in one sitting`(folder: String, most: Int) throws {
        for file in try Repository.swiftFiles(under: folder) {
            let lines = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= most + 1, "\(file.lastPathComponent) has \(lines.count) lines")
        }
    }

    @Test func `Every type that other modules see says what it is`() throws {
        for folder in ["Shared", "Services"] {
            for file in try Repository.swiftFiles(under: folder) {
                for line in try undocumented(in: file) {
                    Issue.record("\(file.lastPathComponent):\(line) is visible to other modules and has no comment")
                }
            }
        }
    }

    /// Lines of `package` types without a `///` line right above; attributes between are fine.
    private func undocumented(in file: URL) throws -> [Int] {
        let kinds = ["struct", "class", "enum", "protocol", "actor"]
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        return lines.indices.filter { index in
            let words = lines[index].split(separator: " ").prefix(4).map(String.init)
            guard words.first == "package", words.contains(where: kinds.contains), !words.contains("func") else {
                return false
            }
            var above = index - 1
            while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
            return above < 0 || !lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
        }.map { $0 + 1 }
    }

    @Test func `Nothing is forced, nothing traps, and there is one test framework`() throws {
        let banned = ["try" + "!", "fatal" + "Error(", "import XC" + "Test", "Task." + "detached"]
        for folder in Self.folders {
            for file in try Repository.swiftFiles(under: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for word in banned { #expect(!text.contains(word), "\(file.lastPathComponent) has \(word)") }
            }
        }
    }

    @Test func `The formatter has nothing to say`() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "format", "lint", "--strict", "--recursive"] + Self.folders
        process.currentDirectoryURL = Repository.root
        process.standardError = output
        try process.run()
        let complaints = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(complaints)")
    }
}
