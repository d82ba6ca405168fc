// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The executables that are installed in one folder with this one.
enum Siblings {
    static let services = ["intake", "orchestrator", "signer", "notifier", "vault", "retention"]

    /// The running executable, symbolic links resolved.
    static var own: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// The folder of the running executable.
    static var folder: URL { own.deletingLastPathComponent() }

    static func executable(of service: String) -> URL { folder.appendingPathComponent("paraph-\(service)") }

    /// Runs `paraph-<service>` with this process's streams and environment; answers its exit code.
    ///
    /// - Throws: `CommandFailure` when the executable is not there or cannot be started.
    static func run(_ service: String, _ words: [String], environment: [String: String]? = nil) throws -> Int32 {
        let path = executable(of: service)
        guard FileManager.default.isExecutableFile(atPath: path.path) else {
            throw CommandFailure(
                "paraph-\(service) is not in \(folder.path): install all of Paraph's executables together")
        }
        let process = Process()
        process.executableURL = path
        process.arguments = words
        if let environment { process.environment = environment }
        do {
            try process.run()
        } catch {
            throw CommandFailure("cannot start \(path.path): \(error.localizedDescription)")
        }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
