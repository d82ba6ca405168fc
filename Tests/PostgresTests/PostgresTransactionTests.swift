// SPDX-License-Identifier: Apache-2.0

import Metrics
import Postgres
import TestSupport
import Testing

struct PostgresTransactionTests {
    private struct Refusal: Error {}

    private static let table = "create table t (id int8 primary key, payload bytea)"

    private static func insert(_ id: Int, payload: [UInt8] = []) -> PostgresStatement {
        PostgresStatement("insert into t (id, payload) values ($1, $2)", [.int(id), .bytea(payload)])
    }

    private static func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.execute(PostgresStatement("select count(*) from t")).rows[0].int(0)
    }

    @Test func `10,000 statements with large payloads and large answers pass in one pipeline`() async throws {
        let pool = try await Fixture.pool(Self.table)
        let payload = [UInt8](repeating: 0xA7, count: 4_096)
        let statements = (0..<10_000).map { id in
            PostgresStatement(
                "insert into t (id, payload) values ($1, $2) returning id, payload", [.int(id), .bytea(payload)])
        }
        let results = try await pool.withTransaction { try await $0.pipelineAndCommit(statements) }
        #expect(results.count == 10_000)
        #expect(try results.enumerated().allSatisfy { try $1.rows[0].int(0) == $0 && $1.rows[0].bytes(1) == payload })
        #expect(try await Self.count(pool) == 10_000)
    }

    @Test func `one statement with arrays inserts many rows`() async throws {
        let pool = try await Fixture.pool(Self.table)
        let ids = (0..<20_000).map(Int64.init)
        let result = try await pool.execute(
            PostgresStatement(
                "insert into t (id, payload) select * from unnest($1::int8[], $2::bytea[])",
                [.int8Array(ids), .byteaArray(ids.map { $0 % 2 == 0 ? nil : [1] })]))
        #expect(result.affectedRows == 20_000)
    }

    @Test func `what the body wrote is there after it returns and gone after it throws`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        let committed = Locked(0)
        try await pool.withTransaction { transaction in
            transaction.onCommit { committed.change { $0 += 1 } }
            _ = try await transaction.execute(Self.insert(1))
        }
        await #expect(throws: Refusal.self) {
            try await pool.withTransaction { transaction in
                transaction.onCommit { committed.change { $0 += 1 } }
                _ = try await transaction.execute(Self.insert(2))
                throw Refusal()
            }
        }
        #expect(try await Self.count(pool) == 1)
        #expect(committed.value == 1)
    }

    @Test func `an error in a pipeline is that statement's and undoes the transaction`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { transaction in
                _ = try await transaction.pipeline([Self.insert(1), Self.insert(2)])
                _ = try await transaction.pipelineAndCommit([Self.insert(3), Self.insert(2), Self.insert(4)])
            }
        }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.statementIndex == 1)
        #expect(error?.mayHaveCommitted == false)
        #expect(try await Self.count(pool) == 0)
    }

    @Test func `a body that swallows an error is told that nothing was committed`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        for isPipelined in [false, true] {
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.execute(Self.insert(1))
                    _ = try? await transaction.execute(Self.insert(1))
                    if isPipelined { _ = try await transaction.pipelineAndCommit([]) }
                }
            }
            #expect(error?.code == .notCommitted)
        }
        #expect(try await Self.count(pool) == 0)
    }

    @Test func `a constraint checked at COMMIT fails pipelineAndCommit`() async throws {
        let pool = try await Fixture.pool(
            "create table t (id int8 constraint later unique deferrable initially deferred, payload bytea)", size: 1)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { _ = try await $0.pipelineAndCommit([Self.insert(1), Self.insert(1)]) }
        }
        #expect(error?.constraint == "later")
        #expect(try await Self.count(pool) == 0)
    }

    @Test func `nothing can follow pipelineAndCommit, and nothing outlives the body`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        let committed = Locked(false)
        let kept = Locked<PostgresTransaction?>(nil)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { transaction in
                kept.change { $0 = transaction }
                transaction.onCommit { committed.change { $0 = true } }
                _ = try await transaction.pipelineAndCommit([Self.insert(1)])
                _ = try await transaction.execute(Self.insert(2))
            }
        }
        #expect(error?.code == .misuse)
        #expect(committed.value)
        let late = try #require(kept.value)
        await #expect(throws: PostgresError.self) { try await late.execute(Self.insert(3)) }
        #expect(try await Self.count(pool) == 1)
    }

    @Test func `cancellation rolls back`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        await withThrowingTaskGroup(of: Void.self) { group in
            let (written, continue_) = AsyncStream<Void>.makeStream()
            group.addTask {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.execute(Self.insert(1))
                    continue_.finish()
                    while !Task.isCancelled { await Task.yield() }
                }
            }
            for await _ in written {}
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(try await Self.count(pool) == 0)
    }

    @Test func `a serialization failure may be tried again`() async throws {
        let pool = try await Fixture.pool(Self.table)
        _ = try await pool.execute(Self.insert(1))
        let isolation = PostgresStatement("set transaction isolation level serializable")
        let update = PostgresStatement("update t set payload = $1 where id = 1", [.bytea([1])])
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { first in
                _ = try await first.pipeline([isolation, PostgresStatement("select payload from t")])
                try await pool.withTransaction { _ = try await $0.pipelineAndCommit([isolation, update]) }
                _ = try await first.execute(update)
            }
        }
        #expect(error?.sqlState == .serializationFailure)
        #expect(error?.isRetriable == true)
    }

    @Test func `a savepoint saves what came before an error`() async throws {
        let pool = try await Fixture.pool(Self.table, size: 1)
        try await pool.withTransaction { transaction in
            _ = try await transaction.pipeline([Self.insert(1), PostgresStatement("savepoint s")])
            _ = try? await transaction.execute(Self.insert(1))
            _ = try await transaction.execute(PostgresStatement("rollback to savepoint s"))
        }
        #expect(try await Self.count(pool) == 1)
    }
}
