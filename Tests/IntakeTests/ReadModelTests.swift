// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPClient
import Keys
import Messaging
import Postgres
import ServiceAPI
import TestSupport
import Testing

@testable import Intake

struct ReadModelTests {
    @Test func `API-02: the newest snapshot is what a status read answers, and an older one changes nothing`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            try await intake.deliver([created.event(3, .inProgress, first: .viewed)])
            try await intake.deliver([created.event(2, .sent, first: .notified)])
            let answer = try await intake.get("/v1/documents/\(created.document)")
            #expect(answer.status == 200)
            #expect(answer.json["status"] == "in_progress")
            #expect(answer.json["signers"]?.arrayValue?.map { $0["status"] } == ["viewed", "pending"])
            #expect(answer.json["title"] == "Offer")
            let row = try await intake.backbone.pool.execute(
                PostgresStatement("select status, sequence from envelopes"))
            #expect(try row.rows[0].string(0) == "in_progress")
            #expect(try row.rows[0].int(1) == 3)
        }
    }

    @Test func `a batch with several events of several envelopes leaves the last of each`() async throws {
        try await IntakeFixture.run { intake in
            let first = try await intake.created()
            let second = try await intake.created()
            try await intake.deliver([
                first.event(1, .prepared), first.event(2, .sent), second.event(1, .prepared), first.event(3, .declined),
            ])
            #expect(try await intake.get("/v1/documents/\(first.document)").json["status"] == "declined")
            #expect(try await intake.get("/v1/documents/\(second.document)").json["status"] == "sent")
        }
    }

    @Test func `an envelope that intake never made is a permanent failure`() async throws {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            let draft = created.draft.renamed(EnvelopeID(UUID()))
            await #expect(throws: PermanentFailure.self) {
                try await intake.deliver([Created(draft: draft, document: "").event(1, .sent)])
            }
        }
    }

    @Test func `a new generation makes a link and leaves the old one known as superseded`() async throws {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            let request = created.draft.recipients[0].requestID
            try await intake.deliver([created.event(2, .sent, first: .notified, openedAt: IntakeFixture.start)])
            let resent = try await intake.post("/v1/envelopes/\(created.draft.envelopeID)/recipients/\(request)/resend")
            #expect(resent.status == 202)
            let command = try #require(try await intake.outbox(type: ResendRequestV1.messageType).first?.payload)
            #expect(command["generation"] == 2)
            try await intake.deliver([
                created.event(3, .sent, first: .notified, openedAt: IntakeFixture.start, generation: 2)
            ])
            let key = intake.context.store.linkKey
            let old = try #require(
                try await intake.context.store.signingState(token: key.token(request: request.uuid, generation: 1))?
                    .link)
            let new = try #require(
                try await intake.context.store.signingState(token: key.token(request: request.uuid, generation: 2))?
                    .link)
            #expect(!old.isCurrent)
            #expect(new.isCurrent)
            #expect(try await intake.context.store.signingState(token: UUID())?.link == nil)
            let second = created.draft.recipients[1].requestID
            let early = try await intake.post("/v1/envelopes/\(created.draft.envelopeID)/recipients/\(second)/resend")
            #expect(early.code == "not_open")
        }
    }

    @Test func `a waiter wakes when its envelope moves, and gives up after its time`() async throws {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            let token = intake.context.store.linkKey.token(
                request: created.draft.recipients[0].requestID.uuid, generation: 1)
            func wait(_ seconds: Double) async throws -> Int64? {
                try await intake.context.waiters.wait(for: created.draft.envelopeID, seconds: seconds) {
                    let link = try await intake.context.store.signingState(token: token)?.link
                    return link.flatMap { $0.sequence >= 4 ? $0.sequence : nil }
                }
            }
            #expect(try await wait(0.01) == nil)
            async let waiting = wait(20)
            try await intake.deliver([created.event(4, .sent)])
            #expect(try await waiting == 4)
        }
    }

    @Test func `API-07: the signed file comes with digest, tag and ranges once the envelope is completed`() async throws
    {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            let path = "/v1/documents/\(created.document)/download"
            let early = try await intake.get(path)
            #expect(early.status == 409)
            #expect(early.code == "not_completed")
            try await intake.deliver([created.event(9, .completed, first: .signed, signed: VaultStub.file)])
            let answer = try await intake.get(path)
            #expect(answer.status == 200)
            #expect(answer.body == VaultStub.file)
            #expect(answer.header("content-disposition")?.contains("Offer.pdf") == true)
            #expect(answer.header("repr-digest")?.hasPrefix("sha-256=:") == true)
            let tag = try #require(answer.header("etag"))
            let range = try await intake.send("GET", path, headers: [("Range", "bytes=0-3")])
            #expect(range.status == 206)
            #expect(range.header("content-range") == "bytes 0-3/\(VaultStub.file.count)")
            #expect(range.body == Array("%PDF".utf8))
            #expect(try await intake.send("GET", path, headers: [("If-None-Match", tag)]).status == 304)
            #expect(try await intake.send("GET", path, headers: [("Range", "bytes=999-")]).status == 416)
            #expect(try await intake.get(path + "?version=2").status == 404)
            #expect(try await intake.send("HEAD", path).header("content-length") == String(VaultStub.file.count))
            // Whole, and from its first byte.
            #expect(try await intake.events("document.downloaded").count == 2)
        }
    }

    @Test func `API-06: the audit trail comes from the vault, for tokens with audit:read`() async throws {
        try await IntakeFixture.run { intake in
            let created = try await intake.created()
            let path = "/v1/documents/\(created.document)/audit"
            let answer = try await intake.get(path)
            #expect(answer.status == 200)
            #expect(answer.json["format"] == "paraph-audit/1")
            #expect(try await intake.get(path + "?format=xml").code == "invalid_parameter")
            let reader = try await intake.token([.readEnvelopes])
            #expect(try await intake.get(path, token: reader).code == "forbidden")
        }
    }

    @Test func `look-ups at the same time share queries and each gets its own answer`() async throws {
        let queries = Locked(0)
        let coalescer = ReadCoalescer<Int, String> { keys in
            queries.change { $0 += 1 }
            try await Task.sleep(for: .milliseconds(5))
            return Dictionary(uniqueKeysWithValues: keys.filter { $0 % 7 != 0 }.map { ($0, "\($0)") })
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for key in 0..<1000 {
                group.addTask { try await coalescer.value(for: key) == (key % 7 == 0 ? nil : "\(key)") }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(queries.value < 500)
    }

    @Test func `a failed query fails those who waited for it, and a cancelled one nobody else`() async throws {
        struct Failure: Error {}
        let failing = ReadCoalescer<Int, String> { _ in throw Failure() }
        await #expect(throws: Failure.self) { try await failing.value(for: 1) }
        let slow = ReadCoalescer<Int, String>(concurrency: 1) { keys in
            try await Task.sleep(for: .milliseconds(20))
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, "\($0)") })
        }
        let leader = Task { try await slow.value(for: 1) }
        async let follower = slow.value(for: 2)
        leader.cancel()
        #expect(try await follower == "2")
    }
}

/// A created envelope and its possible events.
struct Created: Sendable {
    let draft: EnvelopeDraft
    let document: String

    func event(
        _ sequence: Int64, _ status: EnvelopeStatus, first: RequestStatus = .pending, openedAt: Instant? = nil,
        generation: Int = 1, signed: [UInt8]? = nil
    ) -> EnvelopeEventV1 {
        let original = draft.documents[0].original
        let now = IntakeFixture.start.advanced(bySeconds: Double(sequence))
        let object = ObjectReference(
            tenantID: draft.tenantID, artifactID: ArtifactID(UUID()), sha256: original.sha256,
            size: signed?.count ?? original.size, dataKeyID: original.dataKeyID)
        let artifact = Artifact(
            artifactID: object.artifactID, documentID: draft.documents[0].documentID, kind: .signedDocument, version: 1,
            padesLevel: .basic, createdAt: now, object: object)
        let base = EnvelopeText.firstSnapshot(
            of: draft,
            policy: PolicyDecision(
                policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
                padesLevel: .basic), retentionClass: "default_7y")
        return EnvelopeEventV1(
            changes: [EnvelopeChange(event: .envelopeSent)], occurredAt: now, sequence: sequence,
            snapshot: EnvelopeSnapshot(
                tenantID: draft.tenantID, envelopeID: draft.envelopeID, status: status, updatedAt: now,
                completedAt: status == .completed ? now : nil, evidence: .pending, retentionClass: "default_7y",
                policy: base.policy, documents: base.documents,
                signers: base.signers.enumerated().map { index, signer in
                    SignerSnapshot(
                        requestID: signer.requestID, status: index == 0 ? first : .pending,
                        generation: index == 0 ? generation : 1, delivery: signer.delivery,
                        openedAt: index == 0 ? openedAt : nil)
                }, artifacts: signed == nil ? [] : [artifact]))
    }
}

extension IntakeFixture {
    func created() async throws -> Created {
        let answer = try await create()
        let id = try #require(answer.json["envelope_id"]?.stringValue)
        let result = try await backbone.pool.execute(
            PostgresStatement(
                "select command from envelope_drafts where envelope_id = $1",
                [.uuid(try #require(UUID(uuidString: id)))])
        )
        let command: CreateEnvelopeV1 = try StoredJSON.value(result.rows[0].string(0))
        return Created(
            draft: command.envelope,
            document: try #require(answer.json["document_id"]?.stringValue))
    }
}

extension EnvelopeDraft {
    func renamed(_ id: EnvelopeID) -> EnvelopeDraft {
        EnvelopeDraft(
            tenantID: tenantID, envelopeID: id, createdAt: createdAt, title: title, send: send, sender: sender,
            locale: locale, isLive: isLive, documents: documents, recipients: recipients)
    }
}
