// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import Keys

/// What a client needs to use a running development installation.
struct DevelopmentAccess: Codable {
    let tenantID: String
    let token: String
    let publicURL: String
    /// What documents are raised to; nil where the tenant is older than levels.
    let level: String?
}

/// The whole system on one machine: keys, database, broker, six services, in the order in which they need each other.
@MainActor final class DevelopmentSystem {
    let installation: DevelopmentInstallation
    private let supervisor = ProcessSupervisor()
    private let session: HTTPSession
    private var isReady = false

    init(installation: DevelopmentInstallation) throws {
        self.installation = installation
        session = try HTTPSession()
    }

    /// Starts everything and waits until each service calls itself ready.
    ///
    /// - Throws: `CommandFailure` that names what did not start, and why.
    func start() async throws -> DevelopmentAccess {
        try Ports.check(installation.firstPort..<(installation.firstPort + DevelopmentInstallation.portCount))
        try await Terminal.step("Folders and keys") { try await prepareFolders() }
        let database = DevelopmentDatabase(installation: installation)
        try await Terminal.step("PostgreSQL in \(installation.database.path)") {
            try database.initialize()
            try supervisor.start(try database.program())
            try await untilDatabaseAnswers()
        }
        if installation.usesKafka { try await startBroker() }
        try await Terminal.step("Roles, schemas, migrations") { try await migrate() }
        // An installation older than its authorities has certificates that name no address.
        if try DevelopmentAuthority(at: installation.authorityFolder.path).address != nil {
            try supervisor.start(authorities)
        }
        let access = try await Terminal.step("Tenant, token, signing key") { try self.access() }
        try await Terminal.step("Six services ready") {
            for service in Siblings.services { try supervisor.start(program(of: service)) }
            try await untilReady()
        }
        isReady = true
        return access
    }

    func stop() async { await supervisor.stopAll() }

    /// Returns when cancelled.
    ///
    /// - Throws: `CommandFailure` when a process ended by itself and `restarting` is false.
    func watch(restarting: Bool) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(200))
            if restarting {
                for name in try supervisor.restartDead() { Terminal.say("started again: \(name)") }
            } else if let dead = supervisor.firstDead() {
                throw CommandFailure("\(dead.name) ended by itself. Its last words:\n\(dead.tail)")
            }
            try writeProcessIDs()
        }
    }

    /// The onboarding pack that stands beside the executables, or in the source tree they were built in.
    func sampleDocument() throws -> URL {
        var folder = Siblings.folder
        for _ in 0..<6 {
            let candidate = folder.appendingPathComponent("deploy/samples/onboarding-pack.pdf")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw CommandFailure(
            "the sample document is not beside this program: name a PDF, as in paraph dev --demo FILE.pdf")
    }

    private func program(of service: String) -> ProcessSupervisor.Program {
        let user = installation.user(service)
        let sharesObjects = ["intake", "signer", "vault"].contains(service)
        return ProcessSupervisor.Program(
            name: service, executable: installation.programs.appendingPathComponent("paraph-\(service)").path,
            arguments: [], environment: installation.environment(of: service), log: installation.logFile(service),
            user: user, group: user.map { sharesObjects ? DevelopmentInstallation.storageGroup : $0 })
    }

    private var authorities: ProcessSupervisor.Program {
        ProcessSupervisor.Program(
            name: "authorities", executable: Siblings.own.path,
            arguments: ["dev", "authorities", "--keys", installation.keys.path, "--port", "0"],
            environment: ["PATH": "/usr/bin:/bin"], log: installation.logFile("authorities"))
    }

    private func prepareFolders() async throws {
        try DevelopmentFolders(installation: installation).prepare()
    }

    /// The last line of `postmaster.pid` is the server's state.
    private func untilDatabaseAnswers() async throws {
        let file = installation.database.appendingPathComponent("data/postmaster.pid")
        try await until("PostgreSQL did not become ready", seconds: 30) {
            let lines = ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
            return lines.last?.trimmingCharacters(in: .whitespaces) == "ready"
        }
    }

    private func startBroker() async throws {
        guard let home = ProcessInfo.processInfo.environment["KAFKA_HOME"] else {
            throw CommandFailure("--kafka needs KAFKA_HOME: the folder of a Kafka with a `start` program in it")
        }
        let log = installation.logFile("kafka")
        try await Terminal.step("Kafka on 127.0.0.1:\(installation.brokerPort)") {
            try? FileManager.default.removeItem(at: log)
            try supervisor.start(
                ProcessSupervisor.Program(
                    name: "kafka", executable: "\(home)/start",
                    // Groups form at once: nobody else is going to join within the default of three seconds.
                    arguments: [
                        installation.broker.path, "--port", String(installation.brokerPort), "--set",
                        "group.initial.rebalance.delay.ms=0",
                    ],
                    environment: ProcessInfo.processInfo.environment, log: log))
            try await until("Kafka did not become ready", seconds: 60) {
                ((try? String(contentsOf: log, encoding: .utf8)) ?? "").contains("ready")
            }
        }
    }

    private func migrate() async throws {
        try await DatabaseSetUp.run(
            host: installation.database.path, port: 5432, superuser: DevelopmentDatabase.superuser,
            superuserPasswordFile: DevelopmentDatabase(installation: installation).superuserPasswordFile.path,
            passwordFolder: installation.secrets.path)
        for service in Siblings.services {
            var environment = installation.environment(of: service)
            environment["PARAPH_OWNER_PASSWORD_FILE"] = installation.passwordFile("paraph_owner").path
            environment["PARAPH_LOG_LEVEL"] = "warning"
            guard try Siblings.run(service, ["migrate"], environment: environment) == 0 else {
                throw CommandFailure("the migrations of \(service) failed: see above")
            }
        }
    }

    /// The tenant, account and token of an earlier start in the same folder, or new ones.
    private func access() throws -> DevelopmentAccess {
        let kept = installation.secrets.appendingPathComponent("access.json")
        if let data = try? Data(contentsOf: kept) {
            let old = try JSONDecoder().decode(DevelopmentAccess.self, from: data)
            return DevelopmentAccess(
                tenantID: old.tenantID, token: old.token, publicURL: installation.publicURL,
                level: old.level)
        }
        let access = try DevelopmentTenant(installation: installation).create()
        try JSONEncoder().encode(access).write(to: kept)
        try Ownership.give(kept, user: nil, group: nil, mode: 0o600)
        return access
    }

    private func untilReady() async throws {
        for service in Siblings.services {
            let url = "http://127.0.0.1:\(installation.adminPort(service))/readyz"
            try await until("\(service) is not ready", seconds: 30) {
                let answer = try? await session.send(HTTPClientRequest(method: "GET", url: url, timeoutSeconds: 2))
                return answer?.status == 200
            }
        }
        try writeProcessIDs()
    }

    private func writeProcessIDs() throws {
        let lines = supervisor.processIDs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        let text = lines.joined()
        let file = installation.folder.appendingPathComponent("processes")
        if (try? String(contentsOf: file, encoding: .utf8)) != text {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    private func until(_ complaint: String, seconds: Double, _ condition: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !(await condition()) {
            if let dead = supervisor.firstDead() {
                throw CommandFailure("\(dead.name) ended by itself. Its last words:\n\(dead.tail)")
            }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("\(complaint) within \(Int(seconds)) s; logs are in \(installation.logs.path)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
