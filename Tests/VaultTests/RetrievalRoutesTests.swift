// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import HTTPServer
import Keys
import Messaging
import Storage
import Testing

@testable import Vault

@Suite struct RetrievalRoutesTests {
    private func routes(_ fixture: VaultFixture) throws -> Router {
        RetrievalRoutes(
            pool: fixture.pool, store: fixture.store, seal: PersonalDataSeal(keys: fixture.keys), files: fixture.files,
            identity: try KeyStore(folder: fixture.root + "/keys/vault").serviceIdentity(service: "vault"),
            clock: fixture.clock.clock
        ).router
    }

    private func token(_ fixture: VaultFixture, from service: String = "intake", for audience: String = "vault") throws
        -> String
    {
        try KeyStore(folder: fixture.root + "/keys/intake").serviceIdentity(service: service)
            .token(for: audience, at: fixture.clock.clock.now())
    }

    private func request(
        _ object: ObjectReference, token: String?, range: String? = nil, tenant: TenantID? = nil
    ) -> HTTPRequest {
        var headers: [(String, String)] = []
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        if let range { headers.append(("range", range)) }
        return HTTPRequest(
            method: .get,
            path: "/internal/v1/tenants/\(tenant ?? object.tenantID)/artifacts/\(object.artifactID)",
            query: [
                ("sha256", object.sha256.hex), ("size", String(object.size)), ("data_key_id", "\(object.dataKeyID)"),
            ], headers: headers)
    }

    private func bytes(_ response: HTTPResponse) async throws -> [UInt8] {
        switch response.body {
        case .empty: return []
        case .bytes(let bytes): return bytes
        case .stream(let length, let read):
            var result: [UInt8] = []
            while true {
                let piece = try await read(50_000)
                if piece.isEmpty { break }
                #expect(piece.count <= 50_000)
                result += piece
            }
            #expect(result.count == length)
            return result
        }
    }

    @Test func `EV-02: only intake's own token opens the archive`() async throws {
        let fixture = try await VaultFixture()
        let router = try routes(fixture)
        let object = try await fixture.put([1, 2, 3])
        for token in [nil, "", "v1.x.y", try token(fixture, from: "notifier"), try token(fixture, for: "intake")] {
            let response = await router.respond(to: request(object, token: token))
            #expect(response.status == 401)
            #expect(response.header("www-authenticate") == "Bearer")
        }
        let good = try token(fixture)
        #expect(await router.respond(to: request(object, token: good)).status == 200)
        fixture.clock.advance(bySeconds: 120)
        #expect(await router.respond(to: request(object, token: good)).status == 401)
    }

    @Test func `a document comes from the working area first and from the evidence once it is there`() async throws {
        let fixture = try await VaultFixture()
        let router = try routes(fixture)
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let object = try await fixture.put(content)
        let token = try token(fixture)
        #expect(try await bytes(await router.respond(to: request(object, token: token))) == content)
        try await fixture.deliver(
            [try fixture.storeCommand(object, envelope: EnvelopeID(fixture.ids.next()))], to: fixture.evidence)
        try await fixture.store.delete(
            .init(
                tenant: object.tenantID.uuid, artifact: object.artifactID.uuid, sha256: object.sha256.bytes,
                size: object.size, dataKeyID: object.dataKeyID.uuid), in: .working)
        #expect(try await bytes(await router.respond(to: request(object, token: token))) == content)
        #expect(await router.respond(to: request(object, token: token, tenant: TenantID(UUID()))).status == 404)
    }

    @Test(
        arguments: [
            ("bytes=0-", 206, 0..<1000), ("bytes=10-19", 206, 10..<20), ("bytes=990-5000", 206, 990..<1000),
            ("bytes=-100", 206, 900..<1000), ("bytes=-5000", 206, 0..<1000), ("bytes=1000-", 416, 0..<0),
            ("bytes=-0", 416, 0..<0), ("bytes=99999999999999999999-", 416, 0..<0), ("bytes=5-2", 200, 0..<1000),
            ("bytes=0-1,5-6", 200, 0..<1000), ("lines=0-1", 200, 0..<1000), ("bytes=a-b", 200, 0..<1000),
            ("bytes=+1-2", 200, 0..<1000), ("bytes=-", 200, 0..<1000),
        ])
    func `ranges are answered as RFC 9110 says`(range: String, status: Int, expected: Range<Int>) async throws {
        let fixture = try await VaultFixture()
        let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0 / 4) }
        let object = try await fixture.put(content)
        let response = await (try routes(fixture)).respond(to: request(object, token: try token(fixture), range: range))
        #expect(response.status == status)
        switch status {
        case 416: #expect(response.header("content-range") == "bytes */1000")
        case 206:
            #expect(
                response.header("content-range") == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/1000")
            #expect(try await bytes(response) == Array(content[expected]))
        default: #expect(try await bytes(response) == content)
        }
    }

    @Test(arguments: [
        ("json", "application/json"), ("jsonl", "application/x-ndjson"), ("csv", "text/csv; charset=utf-8"),
    ])
    func `EV-08: an audit trail is exported for machines and for people`(format: String, type: String) async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        try await fixture.deliver(
            [
                try fixture.message(
                    fixture.fact("envelope.sent", envelope: envelope),
                    personal: PersonalData(name: "=cmd()", email: "zoe@example.org"), seq: 1)
            ], to: fixture.audit)
        let request = HTTPRequest(
            method: .get, path: "/internal/v1/tenants/\(fixture.tenant)/envelopes/\(envelope)/audit",
            query: [("format", format)], headers: [("authorization", "Bearer \(try token(fixture))")])
        let response = await (try routes(fixture)).respond(to: request)
        #expect(response.status == 200)
        #expect(response.header("content-type") == type)
        let text = String(decoding: try await bytes(response), as: UTF8.self)
        switch format {
        case "json":
            let export = try AuditExport(json: try JSONValue(parsing: Array(text.utf8)))
            #expect(ChainVerifier.verify(export) == .intact(events: 1, head: export.head))
        case "jsonl": #expect(text.split(separator: "\n").count == 1)
        default: #expect(text.contains(#""'=cmd()""#) && text.hasSuffix("\r\n"))
        }
    }
}
