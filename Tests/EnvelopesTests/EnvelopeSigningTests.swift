// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Testing

@Suite struct EnvelopeSigningTests {
    @Test func `SIG-03: parallel signers queue, and each revision builds on the one before`() throws {
        var scenario = try Scenario(orders: [1, 1, 1])
        try scenario.prepare()
        let first = try #require(try scenario.submit(2).jobs.first)
        #expect(try scenario.submit(0).jobs.isEmpty)
        #expect(try scenario.submit(1).jobs.isEmpty)
        #expect([0, 1, 2].map(scenario.status) == [.consented, .consented, .signing])

        let second = try #require(try scenario.apply(scenario.signed(first, digest: 0xC1)).jobs.first)
        #expect(second.requestID == scenario.request(0))
        #expect(second.version == first.version + 1)
        #expect(scenario.envelope.documents[0].current?.sha256 == Scenario.digest(0xC1))
        #expect([0, 1, 2].map(scenario.status) == [.signing, .consented, .signed])

        let third = try #require(try scenario.apply(scenario.signed(second, digest: 0xC2)).jobs.first)
        try scenario.apply(scenario.signed(third, digest: 0xC3))
        #expect(scenario.envelope.status == .completed)
        #expect(scenario.envelope.artifacts.map(\.object.sha256) == [Scenario.digest(0xC3)])
    }

    @Test func `API-10: the same submission replays at any time, another one is refused`() throws {
        var scenario = try Scenario()
        try scenario.prepare()
        let input = EnvelopeInput.submit(scenario.request(0), generation: 1, scenario.submission())
        #expect(try scenario.apply(input).jobs.count == 1)
        let other = EnvelopeInput.submit(scenario.request(0), generation: 1, scenario.submission(text: "other"))
        for _ in 0..<2 {
            #expect(try scenario.apply(input).isEmpty)
            #expect(throws: TransitionError.self) { try scenario.apply(other) }
            try scenario.finishJobs()
        }
        #expect(scenario.envelope.status == .completed)
    }

    @Test func `ID-05: consent to another version or to fewer documents is refused`() throws {
        var scenario = try Scenario(documents: 2)
        try scenario.prepare()
        #expect(throws: TransitionError(code: .consentMismatch, status: .sent)) {
            try scenario.apply(.submit(scenario.request(0), generation: 1, scenario.submission(byte: 0xB1)))
        }
        let whole = scenario.submission()
        let part = Submission(
            consent: Consent(
                disclosureSHA256: whole.consent.disclosureSHA256, documents: [whole.consent.documents[0]]),
            values: [], signatureImage: nil)
        #expect(throws: TransitionError(code: .consentMismatch, status: .sent)) {
            try scenario.apply(.submit(scenario.request(0), generation: 1, part))
        }
    }

    @Test func `a value for somebody else's field is refused`() throws {
        var scenario = try Scenario(orders: [1, 1])
        try scenario.prepare()
        #expect(throws: TransitionError(code: .unknownField, status: .sent)) {
            try scenario.apply(.submit(scenario.request(0), generation: 1, scenario.submission(text: "x")))
        }
    }

    @Test func `a signer of several documents has signed when all bear the signature`() throws {
        var scenario = try Scenario(documents: 2)
        try scenario.prepare()
        let jobs = try scenario.submit(0).jobs
        #expect(jobs.count == 2)
        #expect(try scenario.apply(scenario.signed(jobs[1])).recorded == ["document.signed"])
        #expect(scenario.status(0) == .signing)
        #expect(try scenario.apply(scenario.signed(jobs[0])).announced == [.recipientSigned, .envelopeCompleted])
        #expect(scenario.envelope.artifacts.count == 2)
    }

    @Test func `WF-04: a repeated result changes nothing, an unknown one is refused`() throws {
        var scenario = try Scenario(orders: [1, 2])
        try scenario.prepare()
        let job = try #require(try scenario.submit(0).jobs.first)
        let result = scenario.signed(job)
        try scenario.apply(result)
        let before = scenario.envelope
        #expect(try scenario.apply(result).isEmpty)
        #expect(scenario.envelope == before)
        let stranger = try #require(try scenario.submit(1).jobs.first)
        let wrong = EnvelopeInput.documentSigned(
            job.jobID, stranger.documentID, scenario.request(1),
            revision: Scenario.object(tenant: before.tenantID, stranger.artifactID, digest: 1), level: .basic)
        #expect(throws: TransitionError(code: .unknownJob, status: .inProgress)) { try scenario.apply(wrong) }
    }

    @Test func `an unanswered job is issued again under the same id with the same time of signing`() throws {
        var scenario = try Scenario()
        try scenario.prepare()
        let job = try #require(try scenario.submit(0).jobs.first)
        scenario.wait(61)
        let limit = scenario.now.advanced(bySeconds: -60)
        let again = try #require(try scenario.apply(.reissue(issuedBefore: limit)).jobs.first)
        #expect(again.jobID == job.jobID)
        #expect(again.artifactID == job.artifactID)
        #expect(again.createdAt == job.createdAt)
        #expect(again.issuedAt == scenario.now)
        #expect(try scenario.apply(.reissue(issuedBefore: limit)).isEmpty)
        try scenario.apply(scenario.signed(job))
        #expect(scenario.envelope.status == .completed)
    }

    @Test func `evidence is sealed when the vault holds every artifact, and asked for again until then`() throws {
        var scenario = try Scenario(documents: 2)
        try scenario.prepare()
        try scenario.sign(0)
        let ids = scenario.envelope.artifacts.map(\.artifactID)
        #expect(try scenario.apply(.evidenceStored(ids[0])).announced.isEmpty)
        scenario.wait(100)
        let again = try scenario.apply(.reissue(issuedBefore: scenario.now))
        #expect(
            again.contains {
                if case .storeEvidence(let artifact) = $0 { artifact.artifactID == ids[1] } else { false }
            })
        #expect(try scenario.apply(.evidenceStored(ids[1])).announced == [.evidenceSealed])
        #expect(try scenario.apply(.evidenceStored(ids[1])).isEmpty)
        #expect(scenario.envelope.evidence == .sealed)
        #expect(scenario.envelope.awaitingSince == nil)
    }

    @Test func `a failed job fails the envelope with its code`() throws {
        var scenario = try Scenario()
        let job = try #require(scenario.effects.jobs.first)
        let effects = try scenario.apply(.jobFailed(job.jobID, job.documentID, code: "pdf_damaged"))
        #expect(effects.announced == [.envelopeFailed])
        guard case .occurred(let occurrence) = effects[0] else {
            Issue.record("expected an occurrence")
            return
        }
        #expect(occurrence.reason == "pdf_damaged")
    }

    @Test func `the field's PDF name is fixed by its id`() throws {
        let scenario = try Scenario(orders: [1], copies: 1)
        let field = scenario.envelope.draft.recipients[0].fields[0]
        let document = scenario.envelope.documents[0].documentID
        #expect(scenario.envelope.signatureFieldName(of: scenario.request(0), in: document) == field.pdfFieldName)
        #expect(field.pdfFieldName.hasPrefix("paraph_signature_"))
    }
}
