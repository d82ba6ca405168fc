// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Foundation
import Glibc
import HTTPClient
import ServiceKit
import Synchronization

/// How the messages travel.
package enum MessageDriver: String, Sendable, CaseIterable {
    case postgres
    case kafka
}

/// What is started, and where its programs are.
package struct SystemOptions: Sendable {
    /// The folder of built executables.
    package var programs: URL
    package var driver = MessageDriver.postgres
    /// Starts again whatever ends by itself.
    package var restarts = false
    /// Handed on to the services.
    package var environment: [String: String] = [:]

    package init(programs: URL) { self.programs = programs }

    /// Where `PARAPH_PROGRAMS` says the executables are.
    package static var builtPrograms: URL? {
        ProcessInfo.processInfo.environment["PARAPH_PROGRAMS"].map { URL(fileURLWithPath: $0) }
    }
}

/// The whole system under `paraph dev` in a folder of its own; it ends with this process, however that ends.
package final class RunningSystem: Sendable {
    package static let services = ["intake", "orchestrator", "signer", "notifier", "vault", "retention"]

    package let folder: URL
    package let driver: MessageDriver
    package let tenantID: String
    package let token: String
    package let publicURL: String
    package let mails: MailFolderWatch
    private let firstPort: Int
    private let supervisor: SupervisedProcess

    /// Returns when every service calls itself ready.
    ///
    /// - Throws: `SystemError` with the last lines of output when it does not start.
    package static func start(_ options: SystemOptions) async throws -> RunningSystem {
        let folder = try Tool.scratchFolder("system")
        let port = try PortRange.find()
        var words = [options.programs.appendingPathComponent("paraph").path, "dev", "--data", folder.path, "--port", String(port)]
        if options.driver == .kafka { words.append("--kafka") }
        if options.restarts { words.append("--restart") }
        let output = folder.appendingPathExtension("log")
        let supervisor = try await SupervisedProcess.start(words, environment: options.environment, output: output)
        let deadline = ContinuousClock.now + .seconds(120)
        while !supervisor.said("Running.") {
            guard supervisor.isRunning, ContinuousClock.now < deadline else {
                await supervisor.stop()
                throw SystemError("the system did not start:\n\(supervisor.tail(20))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try RunningSystem(folder: folder, port: port, driver: options.driver, supervisor: supervisor)
    }

    private init(folder: URL, port: Int, driver: MessageDriver, supervisor: SupervisedProcess) throws {
        self.folder = folder
        self.driver = driver
        self.supervisor = supervisor
        firstPort = port
        let file = folder.appendingPathComponent("secrets/access.json")
        let access = try JSONValue(parsing: Array(Data(contentsOf: file)))
        guard let tenant = access["tenantID"]?.stringValue, let token = access["token"]?.stringValue,
            let url = access["publicURL"]?.stringValue
        else { throw SystemError("\(file.path) is not as documented") }
        tenantID = tenant
        self.token = token
        publicURL = url
        mails = try MailFolderWatch(folder: folder.appendingPathComponent("mail"))
    }

    /// Stops everything in order and removes the folder, unless `PARAPH_KEEP` is set.
    package func stop() async {
        await supervisor.stop()
        if ProcessInfo.processInfo.environment["PARAPH_KEEP"] == nil {
            try? FileManager.default.removeItem(at: folder)
            try? FileManager.default.removeItem(at: folder.appendingPathExtension("log"))
        }
    }

    package func client() throws -> SystemClient { try SystemClient(publicURL: publicURL, token: token) }

    /// Process ids by name: the services, `postgresql`, and `kafka` where it runs.
    package func processIDs() -> [String: Int32] {
        let text = (try? String(contentsOf: folder.appendingPathComponent("processes"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { result, line in
            let words = line.split(separator: " ")
            if words.count == 2, let id = Int32(words[1]) { result[String(words[0])] = id }
        }
    }

    /// The address of a service's admin listener.
    package func adminURL(_ service: String) -> String {
        "http://127.0.0.1:\(firstPort + 2 + (Self.services.firstIndex(of: service) ?? 0))"
    }

    /// The end of a service's log, for messages.
    package func logTail(_ service: String, lines: Int = 15) -> String {
        let file = folder.appendingPathComponent("logs/\(service).log")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    /// One query as the database's superuser, rows of text columns; for counting, never for changing.
    ///
    /// - Throws: `SystemError` when psql refuses.
    package func query(_ sql: String) async throws -> [[String]] {
        let password = try String(
            contentsOf: folder.appendingPathComponent("secrets/superuser.password"), encoding: .utf8)
        let result = try await Tool.run(
            [
                "psql", "-X", "-A", "-t", "-F", "\t", "-h", folder.appendingPathComponent("database").path, "-p", "5432",
                "-U", "paraph_superuser", "-d", "paraph", "-v", "ON_ERROR_STOP=1", "-c", sql,
            ], environment: ["PGPASSWORD": password])
        guard result.status == 0 else { throw SystemError("psql: \(result.output)") }
        return result.output.split(separator: "\n").map { $0.components(separatedBy: "\t") }
    }
}

/// A program that is asked to stop when this process closes its input, or dies.
final class SupervisedProcess: Sendable {
    private static let spawning = Mutex(())

    private let process: Mutex<Process>
    private let input: FileHandle
    private let output: URL

    private init(process: sending Process, input: FileHandle, output: URL) {
        self.process = Mutex(process)
        self.input = input
        self.output = output
    }

    static func start(_ words: [String], environment: [String: String], output: URL) async throws -> SupervisedProcess {
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        guard let log = FileHandle(forWritingAtPath: output.path) else { throw SystemError("cannot write \(output.path)") }
        return try spawning.withLock { _ in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", script, "supervised"] + words
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = log
            process.standardError = log
            let input = Pipe()
            // A child that inherited this end would keep the system alive when this process is killed.
            _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
            process.standardInput = input
            try process.run()
            return SupervisedProcess(process: process, input: input.fileHandleForWriting, output: output)
        }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    func said(_ words: String) -> Bool { text.contains(words) }

    func tail(_ lines: Int) -> String { text.split(separator: "\n").suffix(lines).joined(separator: "\n") }

    private var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Asks for an orderly end and waits for it.
    func stop() async {
        try? input.close()
        let deadline = ContinuousClock.now + .seconds(120)
        while isRunning, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for the end of the program; another process waits for the end of the input meanwhile.
    private static let script = #"""
        trap '' INT PIPE
        exec 3<&0
        "$@" </dev/null 3<&- &
        program=$!
        (cat <&3 >/dev/null; kill -TERM $program 2>/dev/null) &
        watcher=$!
        wait $program
        status=$?
        kill $watcher 2>/dev/null
        exit $status
        """#
}
