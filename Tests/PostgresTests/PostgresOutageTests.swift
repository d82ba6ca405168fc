// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import Postgres
import ServiceKit
import TestSupport
import Testing

struct PostgresOutageTests {
    private static let table = "create table t (id int8 primary key)"

    @Test func `RES-01: a killed server loses nothing that was committed, and the pool finds it again`() async throws {
        let server = try await TestPostgres.start()
        defer { server.stop() }
        let log = MemoryLogWriter()
        let database = try await Fixture.database(Self.table, on: server)
        let pool = PostgresPool(
            database.configuration(for: .intake), logger: log.logger, metrics: MetricsRegistry())
        _ = try await pool.execute(PostgresStatement("insert into t values (1)"))

        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { transaction in
                _ = try await transaction.execute(PostgresStatement("insert into t values (2)"))
                try server.crash()
                try await eventually {
                    _ = try await transaction.execute(PostgresStatement("select 1"))
                    return false
                }
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.isRetriable == true)
        try await eventually {
            await #expect(throws: PostgresError.self) { try await pool.execute(PostgresStatement("select 1")) }?.code
                == .connectionFailed
        }

        try await server.restart()
        let found = try await pool.execute(PostgresStatement("select id from t"))
        #expect(try found.rows.map { try $0.int(0) } == [1])
        #expect(log.messages == ["the database cannot be reached", "the database can be reached again"])
    }

    @Test func `an idle session that the server closed is replaced without an error`() async throws {
        let database = try await Fixture.database(Self.table)
        let pool = database.pool(.intake, size: 1)
        let administrator = PostgresPool(database.administrator, logger: .disabled, metrics: MetricsRegistry())
        let whoAmI = PostgresStatement("select pg_backend_pid()")
        let before = try await pool.execute(whoAmI).rows[0].int64(0)
        _ = try await administrator.execute(
            PostgresStatement("select pg_terminate_backend($1, 10000)", [.int4(Int32(before))]))
        let after = try await pool.execute(whoAmI).rows[0].int64(0)
        #expect(before != after)
    }

    @Test func `a session that ends in a transaction says whether the work may have been committed`() async throws {
        let database = try await Fixture.database(Self.table)
        let pool = database.pool(.intake, size: 1)
        let administrator = PostgresPool(database.administrator, logger: .disabled, metrics: MetricsRegistry())
        for isCommitting in [false, true] {
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    let whoAmI = PostgresStatement("select pg_backend_pid()")
                    let backend = try await transaction.execute(whoAmI).rows[0].int64(0)
                    _ = try await administrator.execute(
                        PostgresStatement("select pg_terminate_backend($1, 10000)", [.int4(Int32(backend))]))
                    let insert = [PostgresStatement("insert into t values (1)")]
                    _ =
                        isCommitting
                        ? try await transaction.pipelineAndCommit(insert) : try await transaction.pipeline(insert)
                }
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.mayHaveCommitted == isCommitting)
        }
        #expect(try await pool.execute(PostgresStatement("select count(*) from t")).rows[0].int(0) == 0)
    }

    @Test func `a listener hears at once, again after a restart, and stops at once`() async throws {
        let server = try await TestPostgres.start()
        defer { server.stop() }
        let database = try await server.database()
        let heard = Locked<[String]>([])
        let listener = PostgresListener(database.configuration(for: .vault), channels: ["paraph_test"]) { payload in
            heard.change { $0.append(payload) }
        }
        let pool = database.pool(.intake, size: 1)
        let shutdown = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run(until: shutdown) }
            try await eventually { heard.value == [""] }
            _ = try await pool.execute(PostgresStatement("select pg_notify('paraph_test', 'one')"))
            try await eventually { heard.value == ["", "one"] }
            try server.crash()
            try await server.restart()
            try await eventually { heard.value == ["", "one", ""] }
            _ = try await pool.execute(PostgresStatement("select pg_notify('paraph_test', 'two')"))
            try await eventually { heard.value.last == "two" }
            shutdown.trigger()
            try await group.waitForAll()
        }
    }

    @Test func `opening, failing and closing sessions leaves none behind`() async throws {
        let database = try await TestPostgres.database()
        var wrong = database.configuration(for: .intake)
        wrong.database = "t_missing"
        let missing = PostgresPool(wrong, logger: .disabled, metrics: MetricsRegistry())
        for _ in 0..<20 {
            let error = await #expect(throws: PostgresError.self) {
                try await missing.execute(PostgresStatement("select 1"))
            }
            #expect(error?.code == .connectionFailed)
            let pool = database.pool(.intake, size: 1)
            _ = try await pool.execute(PostgresStatement("select 1"))
            await pool.close()
        }
        let administrator = PostgresPool(database.administrator, logger: .disabled, metrics: MetricsRegistry())
        try await eventually {
            try await administrator.execute(
                PostgresStatement(
                    "select count(*) from pg_stat_activity where datname = $1 and usename = 'paraph_intake'",
                    [.text(database.name)])
            ).rows[0].int(0) == 0
        }
    }
}
