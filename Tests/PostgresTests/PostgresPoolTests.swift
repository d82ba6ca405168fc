// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Metrics
import Postgres
import ServiceKit
import TestSupport
import Testing

struct PostgresPoolTests {
    private static let whoAmI = PostgresStatement("select pg_backend_pid()")

    @Test func `sessions have their role's schema, UTC and the limits of the configuration`() async throws {
        let pool = try await TestPostgres.database().pool(.intake)
        let row = try await pool.execute(
            PostgresStatement(
                """
                select current_setting('search_path'), current_setting('TimeZone'),
                    current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('idle_in_transaction_session_timeout'),
                    current_setting('application_name'), current_user::text
                """)
        ).rows[0]
        let settings = try (0..<row.columnCount).map { try row.string($0) }
        #expect(settings == ["intake", "UTC", "30s", "10s", "5s", "paraph-test", "paraph_intake"])
    }

    @Test func `a unique violation is reported with SQLSTATE 23505, the constraint and the statement, without values`()
        async throws
    {
        let pool = try await Fixture.pool("create table t (id int constraint t_id primary key)")
        let insert = PostgresStatement("insert into t values ($1)", [.int4(771)])
        let error = await #expect(throws: PostgresError.self) { try await pool.batch([insert, insert, insert]) }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.constraint == "t_id")
        #expect(error?.statementIndex == 1)
        #expect(error?.isRetriable == false)
        #expect(error?.description.contains("771") == false)
        let count = try await pool.execute(PostgresStatement("select count(*) from t")).rows[0].int(0)
        #expect(count == 0)
    }

    @Test func `a value that the server quotes in its message is not in the error`() async throws {
        let pool = try await TestPostgres.database().pool(.intake)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.execute(PostgresStatement("select $1::text::integer", [.text("Erika Mustermann")]))
        }
        #expect(error?.sqlState == SQLState("22P02"))
        #expect(error?.description.contains("Erika") == false)
    }

    @Test func `a session is used again after a statement was refused`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let before = try await pool.execute(Self.whoAmI).rows[0].int(0)
        await #expect(throws: PostgresError.self) { try await pool.execute(PostgresStatement("select nonsense")) }
        await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { _ = try await $0.execute(PostgresStatement("select 1 / 0")) }
        }
        let after = try await pool.execute(Self.whoAmI).rows[0].int(0)
        #expect(before == after)
    }

    @Test func `a statement that runs too long is ended by the server`() async throws {
        let database = try await TestPostgres.database()
        var configuration = database.configuration(for: .intake, poolSize: 1)
        configuration.statementTimeoutSeconds = 0.05
        let metrics = MetricsRegistry()
        let pool = PostgresPool(configuration, logger: .disabled, metrics: metrics)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.execute(PostgresStatement("select pg_sleep(60)"))
        }
        #expect(error?.sqlState == .queryCanceled)
        #expect(metrics.prometheusText().contains("paraph_postgres_errors_total{sqlstate_class=\"57\"} 1"))
    }

    @Test func `a role is refused in every schema but its own`() async throws {
        let database = try await TestPostgres.database()
        for role in ServiceRole.allCases {
            _ = try await database.ownerPool(of: role).batch([
                PostgresStatement("create table kept (id int)"),
                PostgresStatement("grant select on kept to \(role.name)"),
            ])
        }
        for role in ServiceRole.allCases {
            let pool = database.pool(role, size: 1)
            for other in ServiceRole.allCases {
                let reading = PostgresStatement("select id from \(other.schema).kept")
                if other == role {
                    _ = try await pool.execute(reading)
                } else {
                    let error = await #expect(throws: PostgresError.self) { try await pool.execute(reading) }
                    #expect(error?.sqlState == .insufficientPrivilege)
                }
            }
            for table in ["table own", "table public.own", "temporary table own"] {
                let creation = PostgresStatement("create \(table) (id int)")
                let error = await #expect(throws: PostgresError.self) { try await pool.execute(creation) }
                #expect(error?.sqlState == .insufficientPrivilege)
            }
        }
    }

    @Test func `64 tasks share 4 sessions and every one is answered`() async throws {
        let database = try await TestPostgres.database()
        let metrics = MetricsRegistry()
        let pool = PostgresPool(database.configuration(for: .intake), logger: .disabled, metrics: metrics)
        let backends = try await withThrowingTaskGroup(of: [Int].self) { group in
            for task in 0..<64 {
                group.addTask {
                    try await pool.withTransaction { transaction in
                        let first = try await transaction.execute(Self.whoAmI).rows[0].int(0)
                        let number = try await transaction.execute(PostgresStatement("select $1", [.int(task)]))
                        #expect(try number.rows[0].int(0) == task)
                        #expect(try await transaction.execute(Self.whoAmI).rows[0].int(0) == first)
                        return [first]
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
        }
        #expect((1...4).contains(backends.count))
        let text = metrics.prometheusText()
        #expect(text.contains("paraph_postgres_pool_sessions{state=\"leased\"} 0"))
        #expect(text.contains("paraph_postgres_pool_sessions{state=\"idle\"} \(backends.count)"))
        #expect(text.contains("paraph_postgres_pool_wait_seconds_count 64"))
    }

    @Test func `waiting for a session ends with pool_timeout, and the session serves the next`() async throws {
        let database = try await TestPostgres.database()
        var configuration = database.configuration(for: .intake, poolSize: 1)
        configuration.leaseTimeoutSeconds = 0.05
        let pool = PostgresPool(configuration, logger: .disabled, metrics: MetricsRegistry())
        try await pool.withTransaction { _ in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(Self.whoAmI) }
            #expect(error?.code == .poolTimeout)
            #expect(error?.isRetriable == true)
        }
        _ = try await pool.execute(Self.whoAmI)
    }

    @Test func `leases are given in the order of asking`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let order = Locked<[Int]>([])
        let state = Locked((isHeld: false, asked: 0, isOver: false))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await pool.withTransaction { _ in
                    state.change { $0.isHeld = true }
                    try await eventually { state.value.isOver }
                }
            }
            try await eventually { state.value.isHeld }
            for task in 0..<8 {
                group.addTask {
                    state.change { $0.asked += 1 }
                    try await pool.withTransaction { _ in order.change { $0.append(task) } }
                }
                try await eventually { state.value.asked == task + 1 }
                for _ in 0..<100 { await Task.yield() }
            }
            state.change { $0.isOver = true }
            try await group.waitForAll()
        }
        #expect(order.value == Array(0..<8))
    }

    @Test func `a cancelled task stops waiting for a session`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        try await pool.withTransaction { _ in
            let waiting = Locked(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    waiting.change { $0 = true }
                    _ = try await pool.execute(Self.whoAmI)
                }
                try await eventually { waiting.value }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
        }
        _ = try await pool.execute(Self.whoAmI)
    }

    @Test func `a closing pool waits for its leases, then refuses`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 2)
        let shutdown = ShutdownSignal()
        let hasClosed = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await pool.withTransaction { transaction in
                    shutdown.trigger()
                    try await eventually { (try? await pool.execute(Self.whoAmI)) == nil }
                    #expect(hasClosed.value == false)
                    _ = try await transaction.execute(Self.whoAmI)
                }
            }
            group.addTask {
                try await pool.run(until: shutdown)
                hasClosed.change { $0 = true }
            }
            try await group.waitForAll()
        }
        let error = await #expect(throws: PostgresError.self) { try await pool.execute(Self.whoAmI) }
        #expect(error?.code == .poolClosed)
    }

    @Test func `more statements than the cache holds stay usable, as do other types of one text`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        for round in 0..<2 {
            for number in 0..<300 {
                let result = try await pool.execute(PostgresStatement("select \(number) + $1", [.int(round)]))
                #expect(try result.rows[0].int(0) == number + round)
            }
        }
        let prepared = try await pool.execute(PostgresStatement("select count(*) from pg_prepared_statements"))
        #expect(try prepared.rows[0].int(0) == 256)
        let sum = "select $1 + 1"
        for (value, expected) in [(PostgresValue.null, nil), (.int4(1), 2), (.int8(1), 2), (.null, nil)] {
            #expect(try await pool.execute(PostgresStatement(sum, [value])).rows[0].intOrNil(0) == expected)
        }
        let type = "select pg_typeof($1)::text"
        for (value, expected) in [(PostgresValue.int4(1), "integer"), (.uuid(UUID()), "uuid"), (.text(""), "text")] {
            #expect(try await pool.execute(PostgresStatement(type, [value])).rows[0].string(0) == expected)
        }
    }
}
