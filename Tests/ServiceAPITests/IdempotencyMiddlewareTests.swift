// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import HTTPServer
import Idempotency
import Logging
import Postgres
import ServiceAPI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct IdempotencyMiddlewareTests {
    private struct Fixture {
        let pool: PostgresPool
        let middleware: IdempotencyMiddleware
        let tenant = UUID()
        let account = UUID()
        let calls = Locked(0)

        init() async throws {
            let database = try await TestPostgres.database()
            try await database.migrate(.intake, [("idempotency", IdempotencyMigrations.all)])
            pool = database.pool(.intake)
            middleware = IdempotencyMiddleware(
                store: IdempotencyStore(pool: pool, clock: .system, ids: .uuidv7(clock: .system)), logger: .disabled)
        }

        func router(
            _ handler: @escaping @Sendable (IdempotentCall, JSONValue) async throws -> HTTPResponse
        ) -> Router {
            var router = Router(fallback: ProblemFallback.respond)
            router.on(.post, "/v1/things/{id}") { [self] request in
                try await middleware.respond(
                    to: request, tenantID: tenant, serviceAccountID: account, maximumBytes: 1000,
                    reserving: ["thing_id": UUID()]
                ) { call, json in
                    calls.change { $0 += 1 }
                    return try await handler(call, json)
                }
            }
            return router
        }

        /// Creates a thing: its id, from the reservation, is the answer.
        func creating() -> Router {
            router { [pool] call, _ in
                let id = call.reserved("thing_id")?.text ?? ""
                let response = HTTPResponse.json(["id": .string(id)], status: 201, headers: [("Location", "/\(id)")])
                try await pool.withTransaction { try await call.finish(response, in: $0) }
                return response
            }
        }
    }

    private func post(_ body: String, key: String? = "k", path: String = "/v1/things/1") -> HTTPRequest {
        HTTPRequest(
            method: .post, path: path, headers: key.map { [("idempotency-key", $0)] } ?? [],
            body: HTTPRequestBody(bytes: Array(body.utf8)))
    }

    private func code(_ response: HTTPResponse) throws -> String {
        try json(response)["code"]?.stringValue ?? ""
    }

    private func json(_ response: HTTPResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { return .null }
        return try JSONValue(parsing: bytes)
    }

    @Test func `API-10: a retry gets status, body and headers of the first outcome and is marked`() async throws {
        let fixture = try await Fixture()
        let router = fixture.creating()
        let first = await router.respond(to: post("{\"a\":1}"))
        let second = await router.respond(to: post(" { \"a\" : 1 }", key: "\"k\""))
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(try json(first) == json(second))
        #expect(second.header("location") == first.header("location"))
        #expect(first.header("idempotent-replayed") == nil)
        #expect(second.header("idempotent-replayed") == "true")
        #expect(fixture.calls.value == 1)
    }

    @Test func `API-10: another body or another path under one key answers 422`() async throws {
        let router = try await Fixture().creating()
        _ = await router.respond(to: post("{\"a\":1}"))
        for request in [post("{\"a\":2}"), post("{\"a\":1}", path: "/v1/things/2")] {
            let response = await router.respond(to: request)
            #expect(response.status == 422)
            #expect(try code(response) == "idempotency_key_reused")
        }
    }

    @Test func `API-10: a missing, long or malformed key answers 400`() async throws {
        let router = try await Fixture().creating()
        let missing = await router.respond(to: post("{}", key: nil))
        #expect(missing.status == 400)
        #expect(try code(missing) == "idempotency_key_missing")
        for key in [String(repeating: "k", count: 256), "\"a"] {
            let response = await router.respond(to: post("{}", key: key))
            #expect(response.status == 400)
            #expect(try code(response) == "idempotency_key_invalid")
        }
    }

    @Test func `API-10: a running request answers 409 with Retry-After`() async throws {
        let fixture = try await Fixture()
        let inner = Locked<HTTPResponse?>(nil)
        let request = post("{}")
        let nested = fixture.creating()
        let router = fixture.router { [pool = fixture.pool] call, _ in
            let response = await nested.respond(to: request)
            inner.change { $0 = response }
            try await pool.withTransaction { try await call.finish(.json([:]), in: $0) }
            return .json([:])
        }
        #expect(await router.respond(to: post("{}")).status == 200)
        let response = try #require(inner.value)
        #expect(response.status == 409)
        #expect(try code(response) == "idempotency_key_in_use")
        #expect(response.header("retry-after").flatMap(Int.init).map { (1...60).contains($0) } == true)
    }

    @Test func `API-10: a refusal is not kept and the corrected request may use the key`() async throws {
        let fixture = try await Fixture()
        let creating = fixture.creating()
        let refusing = fixture.router { _, _ in throw ProblemDetails(.validationFailed, "title is missing.") }
        #expect(await refusing.respond(to: post("{}")).status == 422)
        let corrected = await creating.respond(to: post("{\"title\":\"x\"}"))
        #expect(corrected.status == 201)
        #expect(corrected.header("idempotent-replayed") == nil)
    }

    @Test func `API-10: after a failure the retry goes on with the same ids`() async throws {
        struct Failure: Error {}
        let fixture = try await Fixture()
        let seen = Locked<[UUID?]>([])
        let failing = fixture.router { call, _ in
            seen.change { $0.append(call.reserved("thing_id")) }
            throw Failure()
        }
        let response = await failing.respond(to: post("{}"))
        #expect(response.status == 500)
        #expect(try code(response) == "internal_error")
        let created = await fixture.creating().respond(to: post("{}"))
        #expect(created.status == 201)
        #expect(try json(created)["id"]?.stringValue == seen.value.first??.text)
    }

    @Test func `API-10: a streamed request claims its key first and is replayed without being stored again`()
        async throws
    {
        let fixture = try await Fixture()
        let stored = Locked(0)
        var router = Router(fallback: ProblemFallback.respond)
        router.on(.post, "/v1/uploads") { request in
            try await fixture.middleware.stream(
                request, tenantID: fixture.tenant, serviceAccountID: fixture.account, reserving: ["upload_id": UUID()]
            ) { call in
                var digest: [UInt8] = []
                for try await chunk in request.body.chunks() {
                    try await call.keepAlive()
                    if !call.isReplay { stored.change { $0 += chunk.count } }
                    digest += chunk
                }
                try call.confirm(RequestFingerprint(fileSHA256: [digest]))
                let response = HTTPResponse.json(["id": .string(call.reserved("upload_id")?.text ?? "")], status: 201)
                try await fixture.pool.withTransaction { transaction in
                    _ = try await transaction.pipelineAndCommit([try call.finishStatement(response, in: transaction)])
                }
                return response
            }
        }
        let first = await router.respond(to: post("abc", path: "/v1/uploads"))
        let second = await router.respond(to: post("abc", path: "/v1/uploads"))
        #expect(first.status == 201)
        #expect(try json(first) == json(second))
        #expect(second.header("idempotent-replayed") == "true")
        #expect(stored.value == 3)
        #expect(await router.respond(to: post("abd", path: "/v1/uploads")).status == 422)
    }
}
