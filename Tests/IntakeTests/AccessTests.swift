// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPClient
import HTTPServer
import Messaging
import Postgres
import ServiceAPI
import TestSupport
import Testing

@testable import Intake

struct AccessTests {
    @Test func `API-12: every route but the description needs a token`() async throws {
        try await IntakeFixture.run { intake in
            for path in ["/v1/documents", "/v1/documents/\(UUID().uuidString)"] {
                let answer = try await intake.get(path, token: "")
                #expect(answer.status == 401)
                #expect(answer.code == "unauthenticated")
                #expect(answer.header("www-authenticate")?.hasPrefix("Bearer") == true)
            }
            #expect(try await intake.create(token: APIToken(isLive: true).text).status == 401)
            #expect(try await intake.get("/v1", token: "").json["limits"]?["document_bytes"] == 104_857_600)
            let description = try await intake.get("/v1/openapi.json", token: "")
            #expect(description.json["openapi"] == "3.1.0")
        }
    }

    @Test func `API-13: a token does what its scopes say, and a denial is audited`() async throws {
        try await IntakeFixture.run { intake in
            let reader = try await intake.token([.readEnvelopes])
            let answer = try await intake.create(token: reader)
            #expect(answer.status == 403)
            #expect(answer.code == "forbidden")
            let creator = try await intake.token([.createEnvelopes])
            #expect(try await intake.create(token: creator).code == "forbidden")
            let draft = try await intake.create(IntakeFixture.draft { $0["send"] = false }, token: creator)
            #expect(draft.status == 201)
            let denied = try await intake.events("access.denied")
            #expect(denied.first?["reason"] == "scope_missing")
            #expect(denied.first?["outcome"] == "denied")
            #expect(denied.first?["metadata"]?["route"] == "POST /v1/documents")
        }
    }

    @Test func `API-13: without envelopes:read a token sees what its account made`() async throws {
        try await IntakeFixture.run { intake in
            let foreign = try await intake.create()
            let creator = try await intake.token([.createEnvelopes, .sendEnvelopes])
            let own = try await intake.create(token: creator)
            func path(_ answer: HTTPClientResponse) -> String {
                "/v1/documents/\(answer.json["document_id"]?.stringValue ?? "")"
            }
            #expect(try await intake.get(path(own), token: creator).status == 200)
            #expect(try await intake.get(path(foreign), token: creator).status == 404)
            let list = try await intake.get("/v1/documents", token: creator)
            #expect(list.json["data"]?.arrayValue?.map { $0["document_id"] } == [own.json["document_id"]])
        }
    }

    @Test func `another tenant's ids answer 404 everywhere`() async throws {
        try await IntakeFixture.run { intake in
            let answer = try await intake.create()
            let other = try await intake.directory.createTenant(name: "Other", organisation: "Other", isLive: true)
            let stranger = try await intake.token(Set(Scope.allCases), tenant: other)
            let document = answer.json["document_id"]?.stringValue ?? ""
            let envelope = answer.json["envelope_id"]?.stringValue ?? ""
            let request = answer.json["signers"]?.arrayValue?.first?["request_id"]?.stringValue ?? ""
            for path in ["", "/audit", "/download"] {
                #expect(try await intake.get("/v1/documents/\(document)\(path)", token: stranger).code == "not_found")
            }
            let acts: [(String, JSONValue)] = [
                ("send", [:]), ("void", ["reason": "x"]), ("recipients/\(request)/resend", [:]),
            ]
            for (act, body) in acts {
                let path = "/v1/envelopes/\(envelope)/\(act)"
                #expect(try await intake.post(path, body, token: stranger).code == "not_found")
            }
            #expect(try await intake.get("/v1/documents", token: stranger).json["data"] == [])
        }
    }

    @Test func `expired and revoked tokens are refused, and denials of strangers are counted`() async throws {
        try await IntakeFixture.run { intake in
            let made = try await intake.directory.createToken(account: intake.account, days: 1)
            #expect(try await intake.get("/v1/documents", token: made.token.text).status == 200)
            try await intake.directory.revokeToken(made.id)
            try await eventually {
                try await intake.get("/v1/documents", token: made.token.text).status == 401
            }
            #expect(try await intake.events("access.denied").first?["reason"] == "token_revoked")
            intake.clock.advance(bySeconds: 91 * 86_400)
            #expect(try await intake.get("/v1/documents").status == 401)
            await #expect(throws: (any Error).self) {
                try await intake.directory.createToken(account: ServiceAccountID(UUID()), days: 1)
            }
        }
    }

    @Test func `a fast account is told to wait`() async throws {
        try await IntakeFixture.run(settings: ["INTAKE_RATE_LIMIT_READS": "1"]) { intake in
            var answers: [HTTPClientResponse] = []
            for _ in 0..<15 { answers.append(try await intake.get("/v1/documents")) }
            let refused = try #require(answers.first { $0.status == 429 })
            #expect(refused.code == "rate_limited")
            #expect(refused.header("retry-after") == "1")
            #expect(refused.header("ratelimit-remaining") == "0")
        }
    }

    @Test func `a token's checksum tells a typing error without the database`() {
        let token = APIToken(isLive: false).text
        #expect(token.hasPrefix("paraph_test_"))
        #expect(APIToken(token) != nil)
        #expect(APIToken(String(token.dropLast()) + (token.hasSuffix("a") ? "b" : "a")) == nil)
        #expect(APIToken("paraph_live_x") == nil)
    }

    @Test func `forwarded addresses count only from trusted proxies, read from the right`() throws {
        let proxies = try #require(TrustedProxies(list: "10.0.0.0/8, ::1"))
        func client(_ peer: String, _ forwarded: String) -> String {
            proxies.clientAddress(
                of: HTTPRequest(method: .get, path: "/", headers: [("x-forwarded-for", forwarded)], peerAddress: peer))
        }
        #expect(client("192.0.2.1", "198.51.100.7") == "192.0.2.1")
        #expect(client("10.1.2.3", "198.51.100.7") == "198.51.100.7")
        #expect(client("10.1.2.3", "198.51.100.7, 192.0.2.9, 10.9.9.9") == "192.0.2.9")
        #expect(client("::1", "nonsense") == "::1")
        #expect(TrustedProxies(list: "10.0.0.0/40") == nil)
        #expect(TrustedProxies(list: "proxy.example.com") == nil)
    }
}
