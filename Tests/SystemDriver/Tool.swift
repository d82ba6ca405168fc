// SPDX-License-Identifier: Apache-2.0
package import Foundation
import ServiceKit
import TestSupport

/// Programs that are not ours: judges, load generators, mount.
package enum Tool {
    /// What a program printed, both streams together, and how it ended.
    package struct Result: Sendable {
        package let status: Int32
        package let output: String
    }

    /// The program's path: from the folder of installed judges where there is one, else from `PATH`.
    package static func path(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let folders =
            [environment["PARAPH_JUDGES"]].compactMap { $0 }
            + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    package static func exists(_ name: String) -> Bool { path(name) != nil }

    /// Runs to the end, off the cooperative pool; a program that outlasts the time is ended with status 124.
    ///
    /// - Throws: `SystemError` when there is no such program.
    package static func run(
        _ words: [String], environment: [String: String] = [:], folder: URL? = nil, input: [UInt8]? = nil,
        timeoutSeconds: Int = 120
    ) async throws -> Result {
        guard let name = words.first, let program = name.contains("/") ? name : path(name) else {
            throw SystemError("there is no program \(words.first ?? "") in PATH")
        }
        return try await BlockingExecutor(label: "paraph.tool").run {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
            process.arguments = ["-k", "5", String(timeoutSeconds), program] + words.dropFirst()
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            if let folder { process.currentDirectoryURL = folder }
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            let given = input.map { _ in Pipe() }
            process.standardInput = given ?? FileHandle.nullDevice
            try SignalMask.empty { try process.run() }
            if let given, let input {
                try given.fileHandleForWriting.write(contentsOf: Data(input))
                try given.fileHandleForWriting.close()
            }
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Result(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// A new folder under the machine's folder for temporary files; short, because sockets lie in it.
    package static func scratchFolder(_ purpose: String) throws -> URL {
        let name = "paraph-\(purpose)-\(UUID().uuidString.prefix(8).lowercased())"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
