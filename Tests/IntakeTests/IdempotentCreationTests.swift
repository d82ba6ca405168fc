// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Envelopes
import Foundation
import HTTPClient
import Idempotency
import Postgres
import ServiceAPI
import Storage
import Testing

@testable import Intake

struct IdempotentCreationTests {
    @Test func `API-10: a replayed key answers with the first outcome and does nothing`() async throws {
        try await IntakeFixture.run { intake in
            let first = try await intake.create(key: "\"k-1\"")
            let second = try await intake.create(key: "k-1", fileFirst: true)
            #expect(first.status == 201)
            #expect(second.status == 201)
            #expect(second.body == first.body)
            #expect(second.header("idempotent-replayed") == "true")
            #expect(second.header("location") == first.header("location"))
            #expect(try await intake.outbox(type: "CreateEnvelopeV1").count == 1)
        }
    }

    @Test func `API-10: a key with another request, another file or no key at all is refused`() async throws {
        try await IntakeFixture.run { intake in
            _ = try await intake.create(key: "k")
            let json = try await intake.create(IntakeFixture.draft { $0["title"] = "Other" }, key: "k")
            #expect(json.code == "idempotency_key_reused")
            #expect(json.status == 422)
            let file = try await intake.create(file: SampleFile.file(comment: "other"), key: "k")
            #expect(file.code == "idempotency_key_reused")
            let none = try await intake.create(key: nil)
            #expect(none.code == "idempotency_key_missing")
            #expect(none.status == 400)
            let long = try await intake.create(key: String(repeating: "k", count: 256))
            #expect(long.code == "idempotency_key_invalid")
        }
    }

    @Test func `API-10: while an attempt holds the lease a second one answers 409`() async throws {
        try await IntakeFixture.run { intake in
            let running = try await intake.claim(key: "k", reserving: [:])
            let answer = try await intake.create(key: "k")
            #expect(answer.code == "idempotency_key_in_use")
            #expect(answer.status == 409)
            #expect(answer.header("retry-after") != nil)
            _ = running
        }
    }

    @Test func `API-10: an attempt after a crash goes on with the same ids and the object that is there`() async throws
    {
        try await IntakeFixture.run { intake in
            let ids = ["envelope": intake.ids.next(), "document": intake.ids.next(), "artifact": intake.ids.next()]
            let lease = try await intake.claim(key: "k", reserving: ids)
            _ = try await intake.context.objects.put(
                SampleFile.onePage, tenant: intake.tenant.uuid, artifact: try #require(ids["artifact"]), area: .working)
            // The process is gone: its lease runs out.
            try await intake.idempotency.release(lease, forgetting: false)
            let answer = try await intake.create(key: "k")
            #expect(answer.status == 201)
            #expect(answer.json["envelope_id"]?.stringValue == ids["envelope"]?.text)
            #expect(answer.json["document_id"]?.stringValue == ids["document"]?.text)
            let again = try await intake.create(key: "k")
            #expect(again.body == answer.body)
        }
    }

    @Test func `API-10: a refused request leaves its key free for the corrected one`() async throws {
        try await IntakeFixture.run { intake in
            let refused = try await intake.create(IntakeFixture.draft { $0["title"] = "" }, key: "k")
            #expect(refused.status == 422)
            #expect(try await intake.create(key: "k").status == 201)
        }
    }

    @Test func `API-10: ten requests with one key at once make one envelope`() async throws {
        try await IntakeFixture.run { intake in
            let answers = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
                for _ in 0..<10 { group.addTask { try await intake.create(key: "k") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 201 || $0.status == 409 })
            #expect(Set(answers.filter { $0.status == 201 }.map(\.body)).count == 1)
            #expect(try await intake.outbox(type: "CreateEnvelopeV1").count == 1)
        }
    }

    @Test func `API-10: uploads and acts are keyed as well`() async throws {
        try await IntakeFixture.run { intake in
            func upload() async throws -> HTTPClientResponse {
                try await intake.send(
                    "POST", "/v1/uploads", key: "u", type: "application/pdf", body: SampleFile.onePage)
            }
            let first = try await upload()
            let second = try await upload()
            #expect(first.body == second.body)
            #expect(second.header("idempotent-replayed") == "true")
            let draft = try await intake.create(IntakeFixture.draft { $0["send"] = false })
            let path = "/v1/envelopes/\(draft.json["envelope_id"]?.stringValue ?? "")/send"
            let sent = try await intake.send("POST", path, key: "s")
            let again = try await intake.send("POST", path, key: "s")
            #expect(sent.status == 202)
            #expect(again.body == sent.body)
            #expect(try await intake.outbox(type: "SendEnvelopeV1").count == 1)
            #expect(try await intake.send("POST", path).code == "idempotency_key_missing")
        }
    }
}

extension IntakeFixture {
    var idempotency: IdempotencyStore { IdempotencyStore(pool: backbone.pool, clock: clock.clock, ids: ids) }

    /// Begins a creation under a key, as another process would.
    func claim(key: String, reserving ids: [String: UUID]) async throws -> IdempotencyLease {
        let scope = IdempotencyScope(
            tenantID: tenant.uuid, serviceAccountID: account.uuid, method: "POST", route: "/v1/documents",
            key: try IdempotencyKey(headerValues: [key]))
        guard case .proceed(let lease) = try await idempotency.begin(scope, reserving: ids) else {
            throw IdempotencyError.leaseLost
        }
        return lease
    }
}
