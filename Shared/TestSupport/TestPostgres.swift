// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Postgres
import ServiceKit
import Synchronization

/// A private PostgreSQL server on a unix socket in a scratch folder; it ends with the process, however that ends.
///
/// `PARAPH_TEST_POSTGRES` may name the socket folder of a running server instead, with a superuser `postgres`.
package final class TestPostgres: Sendable {
    /// The folder of the socket `.s.PGSQL.5432`.
    package let socketDirectory: String

    private let isOwn: Bool
    private let wrapper = Mutex<ServerWrapper?>(nil)

    private init(socketDirectory: String, isOwn: Bool) {
        self.socketDirectory = socketDirectory
        self.isOwn = isOwn
    }

    /// The server that all suites of this process share.
    package static func shared() async throws -> TestPostgres { try await SharedServer.instance.server() }

    /// A server for one test, which may crash it.
    package static func start() async throws -> TestPostgres {
        try await BlockingExecutor(label: "paraph.test-postgres").run { try startBlocking() }
    }

    /// A fresh, bootstrapped database on the shared server.
    package static func database() async throws -> TestDatabase { try await shared().database() }

    /// A fresh, bootstrapped database: roles, schemas and grants, no table.
    package func database() async throws -> TestDatabase {
        let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(20)
        let database = TestDatabase(name: "t_\(id)", server: self)
        try await DatabaseBootstrap.run(administrator, passwords: [:], database: database.name)
        return database
    }

    /// A superuser's access to the maintenance database.
    package var administrator: PostgresConfiguration {
        PostgresConfiguration(
            host: socketDirectory, database: "postgres", user: "postgres", applicationName: "paraph-test",
            schema: "pg_catalog", poolSize: 2)
    }

    /// Kills the postmaster with SIGKILL, as a power cut would.
    package func crash() throws {
        guard isOwn else { throw TestPostgresError("a server named by PARAPH_TEST_POSTGRES is not crashed") }
        kill(try postmaster(), SIGKILL)
    }

    /// Stops the postmaster with SIGSTOP, or lets it go on; sessions that exist are not touched.
    package func setPaused(_ isPaused: Bool) throws {
        guard isOwn else { throw TestPostgresError("a server named by PARAPH_TEST_POSTGRES is not paused") }
        kill(try postmaster(), isPaused ? SIGSTOP : SIGCONT)
    }

    /// Stops the server if it runs, and starts it again on the same data.
    package func restart() async throws {
        guard isOwn else { throw TestPostgresError("a server named by PARAPH_TEST_POSTGRES is not restarted") }
        try await BlockingExecutor(label: "paraph.test-postgres").run { [self] in
            wrapper.withLock { $0 }?.end(keepingData: true)
            let started = try ServerWrapper.start(folder: socketDirectory)
            wrapper.withLock { $0 = started }
        }
    }

    /// Ends the server and removes its folder.
    package func stop() {
        wrapper.withLock { current in
            current?.end(keepingData: false)
            current = nil
        }
    }

    static func startBlocking() throws -> TestPostgres {
        if let folder = ProcessInfo.processInfo.environment["PARAPH_TEST_POSTGRES"], !folder.isEmpty {
            return TestPostgres(socketDirectory: folder, isOwn: false)
        }
        // Short, because a socket's path holds no more than 107 bytes.
        let folder = "/tmp/paraph-pg-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        let server = TestPostgres(socketDirectory: folder, isOwn: true)
        let wrapper = try ServerWrapper.start(folder: folder)
        server.wrapper.withLock { $0 = wrapper }
        return server
    }

    private func postmaster() throws -> pid_t {
        let path = "\(socketDirectory)/data/postmaster.pid"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let line = text.split(separator: "\n").first, let pid = pid_t(line) else {
            throw TestPostgresError("\(path) names no process; see that the server runs")
        }
        return pid
    }
}

/// A test server that could not be brought to the state asked for.
package struct TestPostgresError: Error, CustomStringConvertible {
    /// What went wrong and what to do.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Starts the shared server once, blocking its own thread, so that nobody gets a second one meanwhile.
private actor SharedServer {
    static let instance = SharedServer()

    private let executor = BlockingExecutor(label: "paraph.test-postgres")
    private var started: TestPostgres?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func server() throws -> TestPostgres {
        if let started { return started }
        let server = try TestPostgres.startBlocking()
        started = server
        return server
    }
}
