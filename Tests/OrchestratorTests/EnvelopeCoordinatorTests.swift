// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Metrics
import Postgres
import Testing

@testable import Orchestrator

@Suite struct EnvelopeCoordinatorTests {
    @Test func `WF-05: an envelope goes from its command to sealed evidence by messages alone`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft(signers: 2)
        try await fixture.open(draft)
        let preparation = try #require(try await fixture.messages(PrepareDocumentV1.self).first)
        #expect(preparation.signers.map(\.requestID) == draft.recipients.map(\.requestID))
        #expect(preparation.signers.allSatisfy { $0.fields.count == 2 && $0.signatureField == $0.fields[0].name })
        #expect(try await fixture.messages(NotifyRecipientV1.self).map(\.requestID) == [draft.recipients[0].requestID])

        for number in 0..<2 {
            try await fixture.deliver([try fixture.submission(number, of: draft)])
            let job = try #require(try await fixture.messages(SignDocumentV1.self).last)
            #expect(job.requestID == draft.recipients[number].requestID)
            #expect(job.version == 2 + number)
            #expect(job.values.map(\.value) == [.text("Blue")])
            #expect(job.prepared.sha256 == OrchestratorFixture.digest(0xB0))
            try await fixture.deliver([try fixture.signed(job, of: draft)])
        }
        let evidence = try #require(try await fixture.messages(StoreEvidenceV1.self).first)
        #expect(evidence.retentionClass == "employment_7y")
        #expect(evidence.policyVersion == "builtin-1")
        #expect(
            Set(evidence.auditSequences) == [
                AuditPosition(producer: "intake", sequence: 9), AuditPosition(producer: "signing", sequence: 2),
            ])
        try await fixture.deliver([
            try fixture.message(
                EvidenceStoredV1(
                    tenantID: evidence.tenantID, envelopeID: evidence.envelopeID, documentID: evidence.documentID,
                    artifactID: evidence.artifactID, kind: evidence.kind, version: evidence.version,
                    object: evidence.object, retentionClass: evidence.retentionClass,
                    policyVersion: evidence.policyVersion, completedAt: evidence.completedAt,
                    storedAt: evidence.completedAt), of: draft)
        ])
        let events = try await fixture.messages(EnvelopeEventV1.self)
        #expect(
            events.map { $0.changes.map(\.event) } == [
                [.envelopePrepared, .envelopeSent, .recipientOpened], [.recipientSigning],
                [.recipientSigned, .recipientOpened], [.recipientSigning], [.recipientSigned, .envelopeCompleted],
                [.evidenceSealed],
            ])
        #expect(events.flatMap(\.numbers) == Array(1...10))
        #expect(events.last?.snapshot.evidence == .sealed)
        #expect(events.last?.snapshot.documents[0].signedSHA256 == OrchestratorFixture.digest(0xC0))
        #expect(fixture.metrics.prometheusText().contains(#"paraph_envelopes_total{status="completed"} 1"#))
        #expect(fixture.metrics.prometheusText().contains("paraph_envelope_completion_seconds_count 1"))
    }

    @Test func `WF-04: messages handled together, apart or twice give the same state and the same words`() async throws
    {
        let together = try await OrchestratorFixture()
        let draft = together.draft()
        try await together.open(draft)
        try await together.deliver([try together.submission(of: draft)])
        let job = try #require(try await together.messages(SignDocumentV1.self).first)
        let before = try await together.written().count
        try await together.deliver([
            try together.creation(draft), try together.submission(of: draft), try together.submission(of: draft),
        ])
        #expect(try await together.written().count == before)
        try await together.deliver([try together.signed(job, of: draft), try together.signed(job, of: draft)])
        let once = try await together.written()
        try await together.deliver([try together.signed(job, of: draft)])
        #expect(try await together.written().count == once.count)
        #expect(try await together.envelope(draft)?.status == .completed)
        #expect(
            try await together.messages(EnvelopeEventV1.self).flatMap(\.changes).filter {
                $0.event == .envelopeCompleted
            }.count == 1)
    }

    @Test func `AUD-10: an input that does not fit is recorded as denied, and the rest of its batch goes on`()
        async throws
    {
        let fixture = try await OrchestratorFixture()
        let (voided, open) = (fixture.draft(), fixture.draft())
        try await fixture.open(voided)
        try await fixture.open(open)
        let command = VoidEnvelopeV1(
            tenantID: voided.tenantID, envelopeID: voided.envelopeID,
            requestedBy: .serviceAccount(ServiceAccountID(voided.tenantID.uuid)),
            requestedAt: OrchestratorFixture.start,
            reason: "Sent by mistake")
        try await fixture.deliver([
            try fixture.message(command, of: voided), try fixture.submission(of: voided),
            try fixture.submission(of: open),
        ])
        let denied = try await fixture.messages(AuditEventV1.self).filter { $0.fact.outcome == .denied }
        #expect(denied.map(\.fact.reason) == ["envelope_ended"])
        #expect(denied.first?.fact.eventType == "recipient.consented")
        #expect(denied.first?.fact.actor == .recipient(voided.recipients[0].requestID))
        #expect(denied.first?.personal?.ipAddress == "203.0.113.7")
        #expect(try await fixture.messages(SignDocumentV1.self).map(\.envelopeID) == [open.envelopeID])
        let mail = try await fixture.messages(NotifyRecipientV1.self).first { $0.kind == .voided }
        #expect(mail?.reason == "Sent by mistake")
    }

    @Test func `AUD-06: every message follows an audit event, and events carry nothing personal`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft()
        try await fixture.open(draft)
        try await fixture.deliver([try fixture.submission(of: draft, text: "My private words")])
        let written = try await fixture.written()
        for row in written where row.topic != "audit.events.v1" {
            #expect(row.auditAfter?.hasPrefix("orchestration/audit.events.v1/\(draft.envelopeID)/") == true)
        }
        for row in written where row.topic == "envelope.events.v1" {
            for word in ["Zoë", "zoe0@", "hr@", "Sender Person", "203.0.113.7", "private"] {
                #expect(!row.payload.contains(word))
            }
        }
        let audit = try await fixture.messages(AuditEventV1.self)
        #expect(
            audit.map(\.fact.eventType) == [
                "envelope.created", "document.prepared", "envelope.sent", "recipient.opened", "recipient.consented",
            ])
        let consent = try #require(audit.last)
        #expect(consent.fact.hashes["prepared_sha256"] == OrchestratorFixture.digest(0xB0))
        #expect(consent.fact.hashes["disclosure_sha256"] == OrchestratorFixture.digest(0xD1))
        #expect(consent.fact.correlationID == "corr-1")
        #expect(consent.fact.policyVersion == "builtin-1")
        #expect(consent.fact.signingMethod == .platformSeal)
        #expect(consent.personal?.email == "zoe0@example.org")
    }

    @Test func `what people typed comes back unchanged from the stored state`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft(title: "\u{0}Ω\"\\\n👩‍💼 ﷽")
        try await fixture.deliver([try fixture.creation(draft)])
        #expect(try await fixture.envelope(draft)?.draft == draft)
    }

    @Test func `a message of another tenant, for no envelope or of an unknown type is a permanent failure`()
        async throws
    {
        let fixture = try await OrchestratorFixture()
        let (draft, stranger) = (fixture.draft(), fixture.draft())
        try await fixture.deliver([try fixture.creation(draft)])
        let view = RecordViewV1(
            tenantID: stranger.tenantID, envelopeID: draft.envelopeID, requestID: draft.recipients[0].requestID,
            generation: 1, viewedAt: OrchestratorFixture.start,
            client: ClientContext(ipAddress: "203.0.113.7", userAgent: nil))
        await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([try fixture.message(view, of: draft, tenant: stranger.tenantID)])
        }
        await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([try fixture.submission(of: stranger)])
        }
        let known = try fixture.creation(stranger)
        let unknown = InboundMessage(
            stream: known.stream, seq: 1, type: "CreateEnvelopeV9", tenantID: known.tenantID, time: known.time,
            payload: known.payload)
        await #expect(
            throws: PermanentFailure(code: "unknown_type", detail: "CreateEnvelopeV9 on envelope.commands.v1")
        ) {
            try await fixture.deliver([unknown])
        }
        let other = fixture.draft()
        await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([
                try fixture.message(
                    CreateEnvelopeV1(
                        tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestedBy: .system("x"),
                        envelope: other), of: draft)
            ])
        }
    }

    @Test func `a batch that fails leaves no state, no message and no count behind`() async throws {
        let fixture = try await OrchestratorFixture()
        let (good, missing) = (fixture.draft(), fixture.draft())
        await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([try fixture.creation(good), try fixture.submission(of: missing)])
        }
        #expect(try await fixture.envelope(good) == nil)
        #expect(try await fixture.written().isEmpty)
        #expect(!fixture.metrics.prometheusText().contains(#"status="draft""#))
    }

    @Test func `batches over the same envelopes in any order never deadlock and lose nothing`() async throws {
        let fixture = try await OrchestratorFixture()
        let drafts = (0..<12).map { _ in fixture.draft() }
        try await fixture.deliver(try drafts.map { try fixture.creation($0) })
        for job in try await fixture.messages(PrepareDocumentV1.self) {
            let draft = try #require(drafts.first { $0.envelopeID == job.envelopeID })
            try await fixture.deliver([try fixture.prepared(job, of: draft)])
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for generation in 2..<8 {
                let order = generation.isMultiple(of: 2) ? drafts : drafts.reversed()
                let batch = try order.map { draft in
                    try fixture.message(
                        NotificationOutcomeV1(
                            tenantID: draft.tenantID, envelopeID: draft.envelopeID,
                            requestID: draft.recipients[0].requestID, generation: 1, kind: .signingRequest,
                            status: generation.isMultiple(of: 2) ? .accepted : .bounced, reason: nil,
                            occurredAt: OrchestratorFixture.start), of: draft)
                }
                group.addTask { try await fixture.deliver(batch) }
            }
            try await group.waitForAll()
        }
        for draft in drafts {
            let envelope = try #require(try await fixture.envelope(draft))
            let events = try await fixture.messages(EnvelopeEventV1.self)
                .filter { $0.snapshot.envelopeID == draft.envelopeID }
            #expect(events.flatMap(\.numbers) == Array(1...envelope.sequence))
        }
    }
}

extension EnvelopeEventV1 {
    /// The numbers of its changes, which have no gap and no overlap from one event to the next.
    fileprivate var numbers: [Int64] { Array((sequence - Int64(changes.count) + 1)...sequence) }
}
