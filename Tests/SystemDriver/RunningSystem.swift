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
    /// What documents are raised to, behind their completion.
    package var level = "b-b"
    /// Starts again whatever ends by itself.
    package var restarts = false
    /// Handed on to the services.
    package var environment: [String: String] = [:]
    /// Done in the system's folder before anything starts.
    package var prepare: @Sendable (URL) async throws -> Void = { _ in }

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
        try await options.prepare(folder)
        let port = try PortRange.find()
        var words = [
            options.programs.appendingPathComponent("paraph").path, "dev", "--data", folder.path, "--port",
            String(port), "--level", options.level,
        ]
        if options.driver == .kafka { words.append("--kafka") }
        if options.restarts { words.append("--restart") }
        let supervisor = try SupervisedProcess.start(words, environment: options.environment, folder: folder)
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

    /// Stops everything in order; the folder goes too, unless `PARAPH_KEEP` is set.
    package func stop() async { await supervisor.stop() }

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
                "psql", "-X", "-A", "-t", "-F", "\t", "-h", folder.appendingPathComponent("database").path, "-p",
                "5432",
                "-U", "paraph_superuser", "-d", "paraph", "-v", "ON_ERROR_STOP=1", "-c", sql,
            ], environment: ["PGPASSWORD": password])
        guard result.status == 0 else { throw SystemError("psql: \(result.output)") }
        return result.output.split(separator: "\n").map { $0.components(separatedBy: "\t") }
    }
}
