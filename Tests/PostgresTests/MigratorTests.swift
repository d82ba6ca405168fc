// SPDX-License-Identifier: Apache-2.0

import Configuration
import Logging
import Metrics
import Postgres
import TestSupport
import Testing

struct MigratorTests {
    private static let first = Migration(
        version: 1, name: "first", sql: "create table a (n int); create table b (n int)")
    private static let second = Migration(version: 2, name: "second", sql: "alter table a add column note text -- kept")
    private static let broken = Migration(version: 3, name: "broken", sql: "create table c (id int); select nonsense")

    @Test func `migrations are applied once, in order, and a check lists what is pending`() async throws {
        let database = try await TestPostgres.database()
        let owner = database.ownerConfiguration(of: .vault)
        let sets = [("messaging", [Self.first]), ("vault", [Self.second])]
        let before = try await Migrator.run(schema: "vault", sets: sets, owner: owner, checkOnly: true)
        #expect(before.pending == ["messaging/0001_first", "vault/0002_second"])
        let run = try await Migrator.run(schema: "vault", sets: sets, owner: owner)
        #expect(run.applied == before.pending)
        let again = try await Migrator.run(schema: "vault", sets: sets, owner: owner)
        #expect(again.applied.isEmpty && again.pending.isEmpty)
        let asService = try await Migrator.run(
            schema: "vault", sets: sets + [("more", [Self.first])], owner: database.configuration(for: .vault),
            checkOnly: true)
        #expect(asService.pending == ["more/0001_first"])
    }

    @Test func `a changed applied migration is refused, as is one older than what is applied`() async throws {
        let database = try await TestPostgres.database()
        try await database.migrate(.intake, [("own", [Self.second.at(1, "create table a (id int)"), Self.second])])
        let changed = await #expect(throws: PostgresError.self) {
            try await database.migrate(.intake, [("own", [Self.first, Self.second])])
        }
        #expect(changed?.code == .migration)
        #expect(changed?.message.hasPrefix("own/0001_first was changed") == true)
        try await database.migrate(.signer, [("own", [Self.first, Self.second.at(5)])])
        let older = await #expect(throws: PostgresError.self) {
            try await database.migrate(.signer, [("own", [Self.first, Self.second.at(3), Self.second.at(5)])])
        }
        #expect(older?.code == .migration)
    }

    @Test func `a failing migration leaves nothing of itself and names itself`() async throws {
        let database = try await TestPostgres.database()
        let error = await #expect(throws: PostgresError.self) {
            try await database.migrate(.intake, [("own", [Self.first, Self.broken])])
        }
        #expect(error?.message.hasPrefix("migration own/0003_broken:") == true)
        #expect(error?.sqlState == SQLState("42703"))
        let tables = try await database.ownerPool(of: .intake).execute(
            PostgresStatement("select tablename from pg_tables where schemaname = 'intake' order by tablename"))
        #expect(try tables.rows.map { try $0.string(0) } == ["a", "b", "schema_migrations"])
    }

    @Test func `eight processes that migrate at once apply each step once`() async throws {
        let database = try await TestPostgres.database()
        let reports = try await withThrowingTaskGroup(of: MigrationReport.self) { group in
            for _ in 0..<8 {
                group.addTask { try await database.migrate(.intake, [("own", [Self.first, Self.second])]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.flatMap(\.applied).count == 2)
    }

    @Test func `a bootstrap can be repeated and stores passwords as SCRAM verifiers`() async throws {
        let server = try await TestPostgres.start()
        defer { server.stop() }
        for password in ["first", "it's second"] {
            try await DatabaseBootstrap.run(
                server.administrator, passwords: ["paraph_intake": Secret(Array(password.utf8))],
                database: "paraph_scram")
        }
        var configuration = PostgresConfiguration(
            host: server.socketDirectory, database: "paraph_scram", user: "paraph_intake",
            applicationName: "paraph-test", schema: "intake")
        for (password, isRight) in [("first", false), ("it's second", true)] {
            configuration.password = Secret(Array(password.utf8))
            let pool = PostgresPool(configuration, logger: .disabled, metrics: MetricsRegistry())
            let result = try? await pool.execute(PostgresStatement("select 1"))
            #expect((result != nil) == isRight)
        }
    }

    @Test func `a bootstrap refuses a role or database name that it does not know how to write`() async throws {
        let server = try await TestPostgres.shared()
        for (role, database) in [("postgres", "paraph_x"), ("paraph_intake", "x; drop database y")] {
            let error = await #expect(throws: PostgresError.self) {
                try await DatabaseBootstrap.run(
                    server.administrator, passwords: [role: Secret([])], database: database)
            }
            #expect(error?.code == .misuse)
        }
    }
}

extension Migration {
    fileprivate func at(_ version: Int, _ sql: String? = nil) -> Migration {
        Migration(version: version, name: name, sql: sql ?? self.sql)
    }
}
