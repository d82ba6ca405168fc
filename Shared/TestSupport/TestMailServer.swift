// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A small SMTP server of its own process, whose answers follow the recipient's address; see `smtp_server.py`.
package struct TestMailServer: Sendable {
    /// Where it listens on 127.0.0.1.
    package let port: Int
    /// Where it stores what it accepts: `1.eml`, `2.eml` and so on, each behind a line with its envelope.
    package let folder: URL

    /// Runs a server beside the body; its process and its folder are gone afterwards.
    package static func run(_ arguments: [String] = [], _ body: (TestMailServer) async throws -> Void) async throws {
        guard let script = Bundle.module.path(forResource: "smtp_server", ofType: "py", inDirectory: "Fixtures") else {
            throw TestMailServerError()
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "smtp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script, folder.path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try SignalMask.empty { try process.run() }
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw TestMailServerError() }
        try await body(TestMailServer(port: port, folder: folder))
    }

    /// A stored message with the line of its envelope.
    package func message(_ number: Int) throws -> Data {
        try Data(contentsOf: folder.appending(path: "\(number).eml"))
    }
}

/// The server's script did not say where it listens.
package struct TestMailServerError: Error {}
