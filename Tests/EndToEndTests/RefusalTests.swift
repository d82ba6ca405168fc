// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver
import Testing

extension EndToEndTests {
    /// What is wrong is answered with what is wrong.
    @Suite struct Refusals {
        private static let offer = OfferDocument(number: 3).bytes

        private static func plan(_ change: (inout EnvelopePlan) -> Void = { _ in }) -> EnvelopePlan {
            var plan = EnvelopePlan(title: "Refused", signers: SignerPlan.one)
            change(&plan)
            return plan
        }

        private func expect(
            _ answer: Answer, _ status: Int, _ code: String, pointer: String? = nil,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(answer.status == status && answer.code == code, "\(answer.summary)", sourceLocation: sourceLocation)
            #expect(
                answer.header("content-type")?.hasPrefix("application/problem+json") == true,
                sourceLocation: sourceLocation)
            guard let pointer else { return }
            let pointers = (answer["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }
            #expect(pointers.contains(pointer), "\(pointers)", sourceLocation: sourceLocation)
        }

        // MARK: Files

        @Test func `API-03: what is no PDF, cut off or encrypted is refused with that reason`() async throws {
            let client = try await SharedSystem.flow().client
            expect(try await client.upload(Array("This is a letter.".utf8)), 422, "not_a_pdf")
            expect(try await client.create(Self.plan(), file: Array("GIF89a".utf8)), 422, "not_a_pdf")
            expect(try await client.create(Self.plan(), file: []), 422, "not_a_pdf")
            expect(try await client.upload(Array(Self.offer.prefix(20_000))), 422, "pdf_truncated")
        }

        @Test(.enabled(if: EndToEndTests.corpus != nil, "PARAPH_SHARED does not name the corpus"))
        func `API-03: an encrypted PDF is refused`() async throws {
            let client = try await SharedSystem.flow().client
            let file = try #require(EndToEndTests.corpus).appendingPathComponent("pyhanko__minimal-aes256.pdf")
            expect(try await client.upload(Array(Data(contentsOf: file))), 422, "pdf_encrypted")
        }

        @Test func `API-02: 101 MB are refused, and the listener goes on`() async throws {
            let client = try await SharedSystem.flow().client
            let tooLarge = OfferDocument(number: 1, size: 101 << 20).bytes
            expect(try await client.upload(tooLarge), 413, "body_too_large")
            expect(try await client.create(Self.plan(), file: tooLarge), 413, "body_too_large")
            #expect(try await client.upload(Self.offer).status == 201)
        }

        // MARK: Idempotency

        @Test func `API-10: a missing key is refused, a reused one too, a repeated request replays`() async throws {
            let client = try await SharedSystem.flow().client
            let description = Self.plan().json.canonicalBytes()
            expect(
                try await client.create(description: description, file: Self.offer, key: nil), 400,
                "idempotency_key_missing")
            let key = UUID().uuidString.lowercased()
            let first = try await client.create(Self.plan(), file: Self.offer, key: key)
            #expect(first.status == 201, "\(first.summary)")
            let again = try await client.create(Self.plan(), file: Self.offer, key: key)
            #expect(again.status == 201 && again.body == first.body)
            #expect(again.header("idempotent-replayed") == "true")
            expect(
                try await client.create(Self.plan { $0.title = "Other" }, file: Self.offer, key: key), 422,
                "idempotency_key_reused")
            expect(
                try await client.create(Self.plan(), file: OfferDocument(number: 4).bytes, key: key), 422,
                "idempotency_key_reused")
        }

        // MARK: Descriptions

        @Test func `API-01: unknown properties and field types are refused where they stand`() async throws {
            let client = try await SharedSystem.flow().client
            func refuse(_ pointer: String, _ change: (inout EnvelopePlan) -> Void) async throws {
                expect(
                    try await client.create(Self.plan(change), file: Self.offer), 422, "validation_failed",
                    pointer: pointer)
            }
            try await refuse("/colour") { $0.extra["colour"] = "blue" }
            let field = "/signers/0/fields/0"
            func place(_ type: String = "signature", page: Int = 1, x: Int = 24, width: Int = 100) -> [JSONValue] {
                [SignerPlan.field("a", type: type, page: page, x: x, y: 24, width: width, height: 40)]
            }
            try await refuse("\(field)/field_type") { $0.signers[0].fields = place("stamp") }
            try await refuse("\(field)/page_number") { $0.signers[0].fields = place(page: 2) }
            try await refuse("/signers/0/fields/1/key") { $0.signers[0].fields = place() + place("text", x: 200) }
            try await refuse("/signers/0/order_index") { $0.signers[0].order = 0 }
            try await refuse("/signers/0/email") { $0.signers[0].email = "nobody" }
            try await refuse("/signers/1/key") { $0.signers = SignerPlan.one + SignerPlan.one }
            let outside = try await client.create(
                Self.plan { $0.signers[0].fields = place(x: 560, width: 100) }, file: Self.offer)
            #expect(outside.status == 422, "\(outside.summary)")
            let pointers = (outside["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }
            #expect(pointers.contains { $0.hasPrefix(field) }, "\(pointers)")
        }

        @Test func `API-01: malformed JSON and broken UTF-8 are refused`() async throws {
            let client = try await SharedSystem.flow().client
            let key = UUID().uuidString.lowercased()
            expect(
                try await client.create(description: Array("{\"title\":".utf8), file: Self.offer, key: key), 400,
                "malformed_json")
            let broken = Array("{\"title\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
            expect(try await client.create(description: broken, file: Self.offer, key: key), 400, "malformed_json")
            expect(
                try await client.call("POST", "/v1/documents", key: key, body: Array("[1,".utf8)), 400, "malformed_json"
            )
        }

        // MARK: Who asks

        @Test func `ID-05: another tenant finds nothing, a wrong token opens nothing`() async throws {
            let system = try await SharedSystem.running()
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(Self.plan(), file: Self.offer)
            var stranger = flow.client
            stranger.token = try await tokenOfOtherTenant(system)
            expect(try await stranger.document(created.documentID), 404, "not_found")
            expect(try await stranger.audit(created.documentID), 404, "not_found")
            expect(try await stranger.download(created.documentID), 404, "not_found")
            expect(try await stranger.void(created.envelopeID, reason: "Mine"), 404, "not_found")
            expect(
                try await stranger.resend(created.envelopeID, request: created.signers[0].requestID), 404, "not_found")
            stranger.token = "paraph_live_nonsense"
            expect(try await stranger.document(created.documentID), 401, "unauthenticated")
        }

        private func tokenOfOtherTenant(_ system: RunningSystem) async throws -> String {
            let tenant = try await system.administer(["tenant", "create", "--name", "Other"], "tenant_id")
            let account = try await system.administer(
                [
                    "account", "create", "--tenant", tenant, "--name", "stranger", "--scopes",
                    "envelopes:create,envelopes:read,envelopes:send,envelopes:void,documents:download,audit:read",
                ], "account_id")
            return try await system.administer(["token", "create", "--account", account], "token")
        }

        // MARK: Links

        @Test func `WF-04: a link that does not exist, and an agreement to something else, are refused`() async throws {
            let flow = try await SharedSystem.flow()
            let nowhere = SigningVisit(
                client: flow.client, link: "\(flow.client.publicURL)/sign/\(UUID().uuidString.lowercased())")
            expect(try await nowhere.page(), 404, "not_found")
            let created = try await flow.send(Self.plan(), file: Self.offer)
            let visit = try await flow.visit(created.signers[0].requestID)
            let page = try await visit.page()
            let documents = page["documents"] ?? .null
            func submission(_ agreed: Bool, _ disclosure: JSONValue, _ documents: JSONValue) -> JSONValue {
                .object([
                    "consent": .object([
                        "agreed": .bool(agreed), "disclosure_sha256": disclosure, "documents": documents,
                    ]),
                    "fields": .array([]),
                ])
            }
            let right = page["disclosure"]?["sha256"] ?? .null
            let wrong = JSONValue.string(String(repeating: "0", count: 64))
            let shown = SigningVisit.agreement(to: page.json)["consent"]?["documents"] ?? .null
            let other = JSONValue.array([
                .object(["document_id": documents.arrayValue?.first?["document_id"] ?? .null, "prepared_sha256": wrong])
            ])
            expect(try await visit.submit(submission(true, wrong, shown)), 422, "consent_mismatch")
            expect(try await visit.submit(submission(true, right, other)), 422, "consent_mismatch")
            expect(try await visit.submit(submission(false, right, shown)), 422, "consent_required")
            try await visit.sign()
            let again = try await visit.submit(
                .object([
                    "consent": submission(true, right, shown)["consent"] ?? .null, "fields": .array([]),
                    "signature_image": "iVBORw0KGgo=",
                ]))
            expect(again, 409, "already_signed")
        }

        @Test func `WF-03: the second recipient's turn comes after the first`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "In turn", signers: SignerPlan.two), file: Self.offer)
            _ = try await flow.visit(created.requestID(of: "employee"))
            let early = flow.mails.names().filter { $0.hasPrefix(created.requestID(of: "manager")) }
            #expect(early == [])
            expect(
                try await flow.client.resend(created.envelopeID, request: created.requestID(of: "manager")), 409,
                "not_open")
        }

        // MARK: A full disk

        @Test(.enabled(if: EndToEndTests.isRoot, "only root can mount a small file system"))
        func `RES-01: a full disk refuses new documents and open envelopes still read`() async throws {
            var options = try EndToEndTests.options()
            options.prepare = { folder in
                let objects = folder.appendingPathComponent("objects")
                try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
                let mounted = try await Tool.run([
                    "mount", "-t", "tmpfs", "-o", "size=12m,mode=0711", "tmpfs", objects.path,
                ])
                guard mounted.status == 0 else { throw SystemError("mount: \(mounted.output)") }
            }
            let system = try await RunningSystem.start(options)
            do {
                try await fill(system)
            } catch {
                await system.stop()
                throw error
            }
            await system.stop()
        }

        private func fill(_ system: RunningSystem) async throws {
            let flow = EnvelopeFlow(client: try system.client(), mails: system.mails)
            let open = try await flow.send(Self.plan(), file: Self.offer)
            let visit = try await flow.visit(open.signers[0].requestID)
            // Larger than what is left, then one after the other until nothing fits.
            expect(try await flow.client.upload(OfferDocument(number: 1, size: 20 << 20).bytes), 503, "storage_full")
            var refusal: Answer?
            for number in 0..<40 where refusal == nil {
                let answer = try await flow.client.upload(OfferDocument(number: UInt64(number), size: 1 << 20).bytes)
                if answer.status != 201 { refusal = answer }
            }
            expect(try #require(refusal), 503, "storage_full")
            #expect(try #require(refusal).header("retry-after") != nil)
            #expect(try await flow.client.document(open.documentID).status == 200)
            #expect(try await visit.page().status == 200)
        }
    }
}
