// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import Idempotency
import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct IdempotencyStoreTests {
    private struct Fixture {
        let database: TestDatabase
        let pool: PostgresPool
        let clock = ManualClock(Instant(microseconds: 1_795_176_000_000_000))

        init() async throws {
            database = try await TestPostgres.database()
            try await database.migrate(.intake, [("idempotency", IdempotencyMigrations.all)])
            pool = database.pool(.intake, size: 8)
        }

        func store(leaseSeconds: Double = 60) -> IdempotencyStore {
            IdempotencyStore(
                pool: pool, clock: clock.clock, ids: .uuidv7(clock: .system), leaseSeconds: leaseSeconds)
        }

        func expireLeases() async throws {
            _ = try await pool.execute(
                PostgresStatement("update idempotency_records set lease_expires_at = to_timestamp(0)"))
        }

        func hasExpiredLease() async throws -> Bool {
            let found = try await pool.execute(
                PostgresStatement("select 1 from idempotency_records where lease_expires_at = to_timestamp(0)"))
            return !found.rows.isEmpty
        }
    }

    private static func scope(
        tenant: UUID = UUID(), account: UUID = UUID(), method: String = "POST", route: String = "/v1/documents",
        key: String = "k"
    ) throws -> IdempotencyScope {
        IdempotencyScope(
            tenantID: tenant, serviceAccountID: account, method: method, route: route,
            key: try IdempotencyKey(headerValues: [key]))
    }

    private static let request = RequestFingerprint(json: ["a": 1])
    private static let otherRequest = RequestFingerprint(json: ["a": 2])
    private static let answer = StoredResponse(
        status: 201, headers: [.init(name: "Location", value: "/v1/documents/1")], body: Array("{\"id\":1}".utf8))

    private func lease(_ decision: IdempotencyDecision) throws -> IdempotencyLease {
        guard case .proceed(let lease) = decision else { throw TestFailure("the key is finished") }
        return lease
    }

    private func finished(_ decision: IdempotencyDecision) throws -> FinishedRequest {
        guard case .finished(let finished) = decision else { throw TestFailure("the key is not finished") }
        return finished
    }

    private struct TestFailure: Error {
        init(_: String) {}
    }

    @Test func `API-10: a replayed key answers with the first outcome`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(), try Self.scope())
        let lease = try lease(await store.begin(scope, fingerprint: Self.request))
        try await fixture.pool.withTransaction { transaction in
            try await store.finish(lease, fingerprint: Self.request, response: Self.answer, in: transaction)
        }
        #expect(lease.isFinished)
        let replay = try finished(await store.begin(scope, fingerprint: Self.request))
        #expect(try replay.response(to: Self.request) == Self.answer)
        let later = try finished(await store.begin(scope))
        #expect(throws: IdempotencyError.fingerprintMismatch) { try later.response(to: Self.otherRequest) }
        await #expect(throws: IdempotencyError.fingerprintMismatch) {
            try await store.begin(scope, fingerprint: Self.otherRequest)
        }
    }

    @Test func `API-10: while one attempt runs, another is told when to come back`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(), try Self.scope())
        _ = try await store.begin(scope, fingerprint: Self.request)
        let error = await #expect(throws: IdempotencyError.self) {
            try await store.begin(scope, fingerprint: Self.request)
        }
        guard case .stillRunning(let seconds) = error else { throw TestFailure("\(error as Any)") }
        #expect((1...60).contains(seconds))
        await #expect(throws: IdempotencyError.fingerprintMismatch) {
            try await store.begin(scope, fingerprint: Self.otherRequest)
        }
    }

    @Test func `API-10: tenant, account, method and route each make another key`() async throws {
        let fixture = try await Fixture()
        let store = fixture.store()
        let (tenant, account) = (UUID(), UUID())
        let scopes = [
            try Self.scope(tenant: tenant, account: account), try Self.scope(account: account),
            try Self.scope(tenant: tenant), try Self.scope(tenant: tenant, account: account, method: "PATCH"),
            try Self.scope(tenant: tenant, account: account, route: "/v1/uploads"),
            try Self.scope(tenant: tenant, account: account, key: "K"),
        ]
        for scope in scopes { #expect(try lease(await store.begin(scope)).attempt == 1) }
    }

    @Test func `API-10: of 64 concurrent requests with one key exactly one has the effect`() async throws {
        let fixture = try await Fixture()
        let store = fixture.store()
        _ = try await fixture.database.ownerPool(of: .intake).batch([
            PostgresStatement("create table effects (round bigint not null)"),
            PostgresStatement("grant select, insert on effects to paraph_intake"),
        ])
        let pool = fixture.pool
        for round in 0..<20 {
            let scope = try Self.scope(key: "round-\(round)")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        guard case .proceed(let lease) = try? await store.begin(scope, fingerprint: Self.request) else {
                            return
                        }
                        try? await pool.withTransaction { transaction in
                            _ = try await transaction.pipelineAndCommit([
                                PostgresStatement("insert into effects (round) values ($1)", [.int(round)]),
                                store.finishStatement(lease, fingerprint: Self.request, response: Self.answer),
                            ])
                        }
                    }
                }
            }
            let count = try await pool.execute(
                PostgresStatement("select count(*) from effects where round = $1", [.int(round)]))
            #expect(try count.rows.first?.int(0) == 1)
        }
    }

    @Test func `API-10: a retry takes an expired lease over and goes on with the same ids`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(leaseSeconds: 0.001), try Self.scope())
        let ids = ["document_id": UUID(), "envelope_id": UUID()]
        let abandoned = try lease(await store.begin(scope, reserving: ids))
        #expect(abandoned.reserved == ids)
        var resumed: IdempotencyLease?
        try await eventually {
            resumed = try? lease(
                await fixture.store().begin(scope, fingerprint: Self.request, reserving: ["document_id": UUID()]))
            return resumed != nil
        }
        let taken = try #require(resumed)
        #expect(taken.attempt == 2)
        #expect(taken.reserved == ids)
        await #expect(throws: IdempotencyError.leaseLost) { try await store.renew(abandoned) }
        await #expect(throws: IdempotencyError.leaseLost) {
            try await fixture.pool.withTransaction { transaction in
                try await store.finish(abandoned, fingerprint: Self.request, response: Self.answer, in: transaction)
            }
        }
        #expect(!abandoned.isFinished)
        try await fixture.pool.withTransaction { transaction in
            try await store.finish(taken, fingerprint: Self.request, response: Self.answer, in: transaction)
        }
        #expect(taken.isFinished)
    }

    @Test func `API-10: a fenced pipeline commits nothing`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(leaseSeconds: 0.001), try Self.scope())
        let abandoned = try lease(await store.begin(scope))
        try await eventually { (try? lease(await fixture.store().begin(scope))) != nil }
        let other = try Self.scope(key: "other")
        let otherLease = try lease(await fixture.store().begin(other))
        let error = await #expect(throws: PostgresError.self) {
            try await fixture.pool.withTransaction { transaction in
                _ = try await transaction.pipelineAndCommit([
                    store.finishStatement(otherLease, fingerprint: Self.request, response: Self.answer),
                    store.finishStatement(abandoned, fingerprint: Self.request, response: Self.answer),
                ])
            }
        }
        #expect(error.map(IdempotencyStore.meansLeaseLost) == true)
        await #expect(throws: IdempotencyError.self) { try await fixture.store().begin(other) }
    }

    @Test func `API-10: a rolled back effect leaves the key unfinished`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(), try Self.scope())
        let lease = try lease(await store.begin(scope, reserving: ["id": UUID()]))
        await #expect(throws: TestFailure.self) {
            try await fixture.pool.withTransaction { transaction in
                try await store.finish(lease, fingerprint: Self.request, response: Self.answer, in: transaction)
                throw TestFailure("after the effect")
            }
        }
        #expect(!lease.isFinished)
        try await store.release(lease, forgetting: false)
        let next = try self.lease(await store.begin(scope, fingerprint: Self.request, reserving: ["id": UUID()]))
        #expect(next.attempt == 2)
        #expect(next.reserved == lease.reserved)
    }

    @Test func `API-10: a forgotten key is free for a corrected request`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(), try Self.scope())
        try await store.release(lease(await store.begin(scope, fingerprint: Self.request)), forgetting: true)
        #expect(try lease(await store.begin(scope, fingerprint: Self.otherRequest)).attempt == 1)
    }

    @Test func `API-10: a lease is renewed while work makes progress`() async throws {
        let fixture = try await Fixture()
        let scope = try Self.scope()
        let lease = try lease(await fixture.store().begin(scope))
        try await fixture.expireLeases()
        try await fixture.store().renew(lease)
        await #expect(throws: IdempotencyError.self) { try await fixture.store().begin(scope) }
        try await fixture.expireLeases()
        // Not due yet: a minute's lease is renewed after twenty seconds.
        try await fixture.store().keepAlive(lease)
        #expect(try await fixture.hasExpiredLease())
        let hasty = fixture.store(leaseSeconds: 0.003)
        try await eventually {
            try await hasty.keepAlive(lease)
            return try await !fixture.hasExpiredLease()
        }
    }

    @Test func `API-10: a key is free again when its time is over, not a moment before`() async throws {
        let fixture = try await Fixture()
        let (store, scope) = (fixture.store(), try Self.scope())
        let lease = try lease(await store.begin(scope, fingerprint: Self.request, reserving: ["id": UUID()]))
        try await fixture.pool.withTransaction { transaction in
            try await store.finish(lease, fingerprint: Self.request, response: Self.answer, in: transaction)
        }
        fixture.clock.advance(bySeconds: IdempotencyStore.defaultRetentionSeconds - 1)
        _ = try finished(await store.begin(scope))
        #expect(try await store.prune() == 0)
        fixture.clock.advance(bySeconds: 1)
        let ids = ["id": UUID()]
        let again = try self.lease(await store.begin(scope, fingerprint: Self.otherRequest, reserving: ids))
        #expect(again.attempt == 1)
        #expect(again.reserved == ids)
    }

    @Test func `expired records are pruned and running ones are not`() async throws {
        let fixture = try await Fixture()
        let store = fixture.store()
        let lease = try lease(await store.begin(Self.scope(key: "done")))
        try await fixture.pool.withTransaction { transaction in
            try await store.finish(lease, fingerprint: Self.request, response: Self.answer, in: transaction)
        }
        _ = try await store.begin(Self.scope(key: "running"))
        fixture.clock.advance(bySeconds: 30 * 86_400)
        #expect(try await store.prune() == 1)
    }
}
