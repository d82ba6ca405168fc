// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPClient
import Keys
import Postgres
import ServiceAPI
import Testing

@testable import Intake

struct DocumentCreationTests {
    @Test(arguments: [false, true])
    func `API-01, API-14: a form in either order makes a document and answers its id and hash`(
        fileFirst: Bool
    ) async throws {
        try await IntakeFixture.run { intake in
            let answer = try await intake.create(fileFirst: fileFirst)
            #expect(answer.status == 201)
            let id = try #require(answer.json["document_id"]?.stringValue)
            #expect(answer.header("location") == "/v1/documents/\(id)")
            #expect(answer.json["status"] == "sent")
            #expect(answer.json["title"] == "Offer")
            let document = try #require(answer.json["documents"]?.arrayValue?.first)
            #expect(document["original_sha256"] == .string(Hex.encode(SHA256.digest(of: SampleFile.onePage))))
            #expect(document["pages"] == [["width": 612, "height": 792]])
            #expect(document["prepared_sha256"] == .null)
            let signers = try #require(answer.json["signers"]?.arrayValue)
            #expect(signers.map { $0["status"] } == ["pending", "pending"])
            #expect(signers[0]["delivery"] == ["status": "queued", "reason": .null])

            let read = try await intake.get("/v1/documents/\(id)")
            #expect(read.status == 200)
            #expect(read.json == answer.json)
        }
    }

    @Test func `API-18: the creation is audited with the source of the upload, and the command follows it`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let answer = try await intake.create()
            let uploaded = try #require(try await intake.events("document.uploaded").first)
            #expect(uploaded["metadata"]?["source"] == "api")
            #expect(
                uploaded["hashes"]?["original_sha256"]
                    == answer.json["documents"]?.arrayValue?.first?["original_sha256"])
            let command = try #require(try await intake.outbox(type: CreateEnvelopeV1.messageType).first?.payload)
            #expect(command["envelope_id"] == answer.json["envelope_id"])
            #expect(command["envelope"]?["recipients"]?.arrayValue?.count == 2)
        }
    }

    @Test func `DM-01, DM-02, DM-03: rows of document, requests and fields are there, tokens as digests only`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let answer = try await intake.create()
            let documents = try await intake.backbone.pool.execute(
                PostgresStatement("select document_id, owner_id, title, original_s3_key, status from documents"))
            #expect(try documents.rows[0].uuid(0).text == answer.json["document_id"]?.stringValue)
            #expect(try documents.rows[0].uuid(1) == intake.account.uuid)
            let requests = try await intake.backbone.pool.execute(
                PostgresStatement(
                    "select request_id, signer_email, order_index, signing_token_sha256 from signing_requests order by order_index"
                ))
            #expect(try requests.rows.map { try $0.string(1) } == ["employee@example.com", "manager@example.com"])
            let token = intake.context.store.linkKey.token(request: try requests.rows[0].uuid(0), generation: 1)
            #expect(try requests.rows[0].bytes(3) == LinkToken.digest(of: token))
            let link = try #require(try await intake.context.store.signingState(token: token)?.link)
            #expect(link.recipient?.key == "employee")
            #expect(link.isCurrent)
            let fields = try await intake.backbone.pool.execute(
                PostgresStatement("select field_type, page_number, x, y, width, height from signature_fields"))
            #expect(fields.rows.count == 2)
        }
    }

    @Test func `one upload serves several envelopes`() async throws {
        try await IntakeFixture.run { intake in
            let upload = try await intake.send(
                "POST", "/v1/uploads", key: "u-1", type: "application/pdf", body: SampleFile.onePage)
            #expect(upload.status == 201)
            let id = try #require(upload.json["upload_id"])
            let request = IntakeFixture.draft { $0["documents"] = [["upload_id": id]] }
            let first = try await intake.post("/v1/documents", request)
            let second = try await intake.post("/v1/documents", request)
            #expect(first.status == 201)
            #expect(second.status == 201)
            #expect(first.json["envelope_id"] != second.json["envelope_id"])

            intake.clock.advance(bySeconds: 86_401)
            let late = try await intake.post("/v1/documents", request)
            #expect(late.status == 422)
            #expect(late.faults == ["unknown_upload /documents/0/upload_id"])
        }
    }

    @Test func `a draft is sent, voided and listed`() async throws {
        try await IntakeFixture.run { intake in
            let draft = try await intake.create(IntakeFixture.draft { $0["send"] = false })
            #expect(draft.json["status"] == "draft")
            let envelope = try #require(draft.json["envelope_id"]?.stringValue)
            let sent = try await intake.post("/v1/envelopes/\(envelope)/send")
            #expect(sent.status == 202)
            #expect(sent.json["status"] == "sent")
            #expect(try await intake.post("/v1/envelopes/\(envelope)/send").code == "already_sent")
            let void = try await intake.post("/v1/envelopes/\(envelope)/void", ["reason": "mistake"])
            #expect(void.status == 202)
            #expect(try await intake.post("/v1/envelopes/\(envelope)/void").faults == ["required /reason"])
            let types = try await intake.outbox().map(\.type).filter { $0 != AuditEventV1.messageType }
            #expect(types == ["CreateEnvelopeV1", "SendEnvelopeV1", "VoidEnvelopeV1"])

            _ = try await intake.create(IntakeFixture.draft { $0["external_id"] = "other" })
            let page = try await intake.get("/v1/documents?limit=1")
            #expect(page.json["data"]?.arrayValue?.first?["external_id"] == "other")
            let cursor = try #require(page.json["next_cursor"]?.stringValue)
            let next = try await intake.get("/v1/documents?limit=1&cursor=\(cursor)")
            #expect(next.json["data"]?.arrayValue?.first?["envelope_id"] == .string(envelope))
            #expect(next.json["next_cursor"] == .null)
            let found = try await intake.get("/v1/documents?external_id=hr-4711&status=sent")
            #expect(found.json["data"]?.arrayValue?.count == 1)
            #expect(try await intake.get("/v1/documents?status=lost").code == "invalid_parameter")
        }
    }
}
