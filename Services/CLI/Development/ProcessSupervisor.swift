// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Starts processes that end with this one, and stops them in reverse order.
///
/// Every child is started from the main thread through `setpriv --pdeathsig`: the kernel then signals it when the main
/// thread ends, so even `kill -9` of the supervisor leaves nothing running. On the main actor for that reason.
@MainActor final class ProcessSupervisor {
    struct Program {
        let name: String
        let executable: String
        let arguments: [String]
        let environment: [String: String]
        let log: URL
        var user: Int?
        var group: Int?
        /// What asks the program to stop in an orderly way, also sent by the kernel when the supervisor dies.
        var stopSignal: Int32 = SIGTERM
        var folder: URL?
    }

    private struct Child {
        let program: Program
        let process: Process
    }

    private var children: [Child] = []
    private(set) var isStopping = false

    /// - Throws: `CommandFailure` when the program cannot be started.
    func start(_ program: Program) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        var words = ["--pdeathsig", program.stopSignal == SIGINT ? "INT" : "TERM"]
        if let user = program.user {
            words += ["--reuid", String(user), "--regid", String(program.group ?? user)]
            words += program.group == nil ? ["--clear-groups"] : ["--groups", String(program.group ?? user)]
            words += ["--no-new-privs", "--inh-caps=-all"]
        }
        process.arguments = words + ["--", program.executable] + program.arguments
        process.environment = program.environment
        if let folder = program.folder { process.currentDirectoryURL = folder }
        if !FileManager.default.fileExists(atPath: program.log.path) {
            _ = FileManager.default.createFile(atPath: program.log.path, contents: nil)
        }
        guard let log = FileHandle(forWritingAtPath: program.log.path) else {
            throw CommandFailure("cannot write the log \(program.log.path)")
        }
        try log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw CommandFailure("cannot start \(program.name): \(error.localizedDescription)")
        }
        children.append(Child(program: program, process: process))
    }

    /// Process ids by program name, of those that run.
    var processIDs: [String: Int32] {
        children.reduce(into: [:]) { $0[$1.program.name] = $1.process.isRunning ? $1.process.processIdentifier : nil }
    }

    /// The first program that ended by itself, with the last lines of its log.
    func firstDead() -> (name: String, tail: String)? {
        guard let dead = children.first(where: { !$0.process.isRunning }) else { return nil }
        let text = (try? String(contentsOf: dead.program.log, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").suffix(6).joined(separator: "\n")
        return (dead.program.name, lines)
    }

    /// Starts again, under its old program, what ended by itself; answers the names.
    func restartDead() throws -> [String] {
        let dead = children.filter { !$0.process.isRunning }
        children.removeAll { !$0.process.isRunning }
        for child in dead { try start(child.program) }
        return dead.map(\.program.name)
    }

    /// Stops all, the last started first; a program that does not end within `patience` seconds is killed.
    func stopAll(patience: Double = 15) async {
        isStopping = true
        for child in children.reversed() where child.process.isRunning {
            kill(child.process.processIdentifier, child.program.stopSignal)
            let deadline = ContinuousClock.now + .seconds(patience)
            while child.process.isRunning, ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(10))
            }
            if child.process.isRunning { kill(child.process.processIdentifier, SIGKILL) }
        }
        children.removeAll()
    }
}
