// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A private PostgreSQL of a development installation: a Unix socket in its folder, no TCP port, passwords asked.
struct DevelopmentDatabase {
    /// The name of the superuser made by `initdb`; only set-up uses it.
    static let superuser = "paraph_superuser"

    let installation: DevelopmentInstallation

    private var data: URL { installation.database.appendingPathComponent("data") }
    var superuserPasswordFile: URL { installation.secrets.appendingPathComponent("superuser.password") }

    /// PostgreSQL's own programs, newest version first.
    ///
    /// - Throws: `CommandFailure` when no server of version 15 or later is installed.
    static func programs() throws -> URL {
        let root = URL(fileURLWithPath: "/usr/lib/postgresql")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        for version in versions.compactMap(Int.init).sorted(by: >) where version >= 15 {
            let folder = root.appendingPathComponent("\(version)/bin")
            if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("postgres").path) {
                return folder
            }
        }
        throw CommandFailure("PostgreSQL 15 or later is not installed. Install it with: apt-get install postgresql-15")
    }

    /// The uid and gid that may run the server: PostgreSQL refuses root, so its own user then.
    private func identity() throws -> (user: Int, group: Int)? {
        guard geteuid() == 0 else { return nil }
        let users = try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n")
        for user in users {
            let columns = user.split(separator: ":", omittingEmptySubsequences: false)
            if columns.count > 3, columns[0] == "postgres", let id = Int(columns[2]), let group = Int(columns[3]) {
                return (id, group)
            }
        }
        throw CommandFailure("there is no user 'postgres' to run the database as; the package postgresql-15 makes it")
    }

    /// Makes the cluster when there is none.
    func initialize() throws {
        guard !FileManager.default.fileExists(atPath: data.appendingPathComponent("PG_VERSION").path) else { return }
        let owner = try identity()
        try FileManager.default.createDirectory(at: installation.database, withIntermediateDirectories: true)
        if let owner { try Ownership.give(installation.database, user: owner.user, group: owner.group, mode: 0o755) }
        let passwordCopy = installation.database.appendingPathComponent("initdb.password")
        try FileManager.default.copyItem(at: superuserPasswordFile, to: passwordCopy)
        defer { try? FileManager.default.removeItem(at: passwordCopy) }
        if let owner { try Ownership.give(passwordCopy, user: owner.user, group: owner.group, mode: 0o400) }
        var words = ["--"]
        if let owner {
            words = ["--reuid", String(owner.user), "--regid", String(owner.group), "--clear-groups", "--"]
        }
        words += [
            try Self.programs().appendingPathComponent("initdb").path, "--pgdata", data.path, "--username",
            Self.superuser, "--pwfile", passwordCopy.path, "--auth", "scram-sha-256", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-instructions",
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let complaint = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure("initdb failed: \(String(decoding: complaint, as: UTF8.self))")
        }
    }

    /// The server as a program to supervise; SIGINT is PostgreSQL's fast shutdown.
    func program() throws -> ProcessSupervisor.Program {
        let owner = try identity()
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(installation.database.path)", "port=5432",
            "max_connections=120", "shared_buffers=256MB", "max_wal_size=4GB", "checkpoint_timeout=15min",
            "wal_compression=on", "jit=off", "timezone=UTC", "log_timezone=UTC", "log_min_duration_statement=1000",
            "autovacuum_naptime=10s",
        ]
        return ProcessSupervisor.Program(
            name: "postgresql", executable: try Self.programs().appendingPathComponent("postgres").path,
            arguments: ["-D", data.path] + settings.flatMap { ["-c", $0] },
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], log: installation.logFile("postgresql"),
            user: owner?.user, group: owner?.group, stopSignal: SIGINT, folder: URL(fileURLWithPath: "/"))
    }
}
