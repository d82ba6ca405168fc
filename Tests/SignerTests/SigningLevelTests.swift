// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Keys
import Messaging
import Metrics
import PDFVerification
import TestSupport
import Testing

@testable import Signer

@Suite struct SigningLevelTests {
    private func level(of object: ObjectReference, in fixture: SignerFixture) async throws -> [String?] {
        let root = try DevelopmentAuthority(at: fixture.root + "/keys/ca").root
        let report = try SignatureVerifier(source: ArraySource(try await fixture.read(object))).verify(
            VerificationPolicy(trust: [root], time: fixture.clock.clock.now()))
        #expect(report.isIntact)
        return report.signatures.map(\.level)
    }

    private func signed(_ the: SignerFixture.Case, in fixture: SignerFixture) async throws -> DocumentSignedV1 {
        let prepared = try await fixture.prepared(the)
        try await fixture.deliver([try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)])
        return try #require(try await fixture.answers(DocumentSignedV1.self).last)
    }

    @Test func `LTV-02: a signature has its own time where the policy asks for it, and the audit log says by whom`()
        async throws
    {
        let fixture = try await SignerFixture(level: .timestamped)
        try await fixture.withAuthorities {
            let answer = try await signed(fixture.newCase(), in: fixture)
            #expect(answer.padesLevel == .timestamped)
            #expect(try await level(of: answer.revision, in: fixture) == ["B-T"])
            let fact = try #require(try await fixture.answers(AuditEventV1.self).last?.fact)
            #expect(fact.metadata["pades_level"]?.stringValue == "B-T")
            #expect(fact.metadata["timestamp_authority"]?.stringValue?.isEmpty == false)
            #expect(fact.metadata["timestamp_time"]?.stringValue?.hasSuffix("Z") == true)
            #expect(fact.policyVersion == "builtin-1" && fact.legalStandard == .click)
        }
        #expect(fixture.metrics.prometheusText().contains("paraph_timestamps_total{outcome=\"granted\"} 1"))
    }

    @Test(arguments: [0, 10])
    func `RES-01: without an authority, or without a budget, the signature is final as B-B`(budget: Double) async throws
    {
        let fixture = try await SignerFixture(level: .archival, budgetSeconds: budget)
        let answer = try await signed(fixture.newCase(), in: fixture)
        #expect(answer.padesLevel == .basic)
        #expect(try await level(of: answer.revision, in: fixture) == ["B-B"])
        let outcome = budget == 0 ? "not_asked" : "failed"
        #expect(fixture.metrics.prometheusText().contains("paraph_timestamps_total{outcome=\"\(outcome)\"} 1"))
    }

    @Test func `SIG-03: a repeat after a crash stores the signature with its first token, authority or not`()
        async throws
    {
        let fixture = try await SignerFixture(level: .timestamped)
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let message = try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)
        try await fixture.withAuthorities { try await fixture.deliver([message], losing: true) }
        try await fixture.deliver([message])
        let answer = try #require(try await fixture.answers(DocumentSignedV1.self).first)
        #expect(answer.padesLevel == .timestamped)
        #expect(try await level(of: answer.revision, in: fixture) == ["B-T"])
        #expect(try await fixture.answers(AuditEventV1.self).last?.fact.metadata["timestamp_authority"] != nil)
    }

    @Test(arguments: [PAdESLevel.longTerm, .archival])
    func `LTV-01: raising appends, stores a new version and says so; a repeat after a crash stores the same`(
        wanted: PAdESLevel
    ) async throws {
        let fixture = try await SignerFixture(level: wanted)
        try await fixture.withAuthorities {
            let the = fixture.newCase()
            let signed = try await signed(the, in: fixture)
            let message = try fixture.message(fixture.raising(the, of: signed), the, seq: 1)
            let lost = try await fixture.deliver([message], losing: true)
            guard case .stored(let first, _, _)? = lost.first?.outcome else {
                Issue.record("the first attempt stored nothing")
                return
            }
            try await fixture.deliver([message])
            try await fixture.deliver([message])
            let answers = try await fixture.answers(DocumentRaisedV1.self)
            #expect(answers.count == 2 && Set(answers.map(\.revision)) == [first])
            #expect(answers.allSatisfy { $0.padesLevel == wanted })
            #expect(try await level(of: first, in: fixture) == [wanted.rawValue])
            let bytes = try await fixture.read(first)
            #expect(Array(bytes.prefix(signed.revision.size)) == (try await fixture.read(signed.revision)))
            let events = try await fixture.answers(AuditEventV1.self).map(\.fact)
            #expect(events.filter { $0.eventType == "document.raised" }.map(\.outcome) == [.done])
            #expect(events.last?.metadata["pades_level"]?.stringValue == wanted.rawValue)
            #expect((events.last?.metadata["timestamp_authority"] != nil) == (wanted == .archival))
        }
    }

    @Test func `RES-01: a signature without its time is raised when the authorities are back`() async throws {
        let fixture = try await SignerFixture(level: .archival)
        let the = fixture.newCase()
        let signed = try await signed(the, in: fixture)
        let message = try fixture.message(fixture.raising(the, of: signed), the, seq: 1)
        try await fixture.deliver([message])
        #expect(try await fixture.answers(DocumentRaisedV1.self).isEmpty)
        #expect(try await fixture.answers(SigningJobFailedV1.self).isEmpty)
        #expect(fixture.metrics.prometheusText().contains("paraph_raises_total{outcome=\"deferred\"} 1"))
        try await fixture.withAuthorities {
            try await fixture.deliver([message])
            let answer = try #require(try await fixture.answers(DocumentRaisedV1.self).first)
            #expect(answer.padesLevel == .archival)
            #expect(try await level(of: answer.revision, in: fixture) == ["B-LTA"])
        }
        #expect(fixture.metrics.prometheusText().contains("paraph_raises_total{outcome=\"reached\"} 1"))
    }

    @Test func `after the deadline a document stays as it is, and the audit log says why`() async throws {
        let fixture = try await SignerFixture(level: .archival)
        let the = fixture.newCase()
        let signed = try await signed(the, in: fixture)
        let message = try fixture.message(fixture.raising(the, of: signed), the, seq: 1)
        fixture.clock.advance(bySeconds: 3600)
        try await fixture.deliver([message])
        #expect(try await fixture.answers(SigningJobFailedV1.self).map(\.code) == ["level_not_reached"])
        let fact = try #require(try await fixture.answers(AuditEventV1.self).last?.fact)
        #expect(fact.eventType == "document.raised" && fact.outcome == .failed && fact.reason == "level_not_reached")
        #expect(fixture.metrics.prometheusText().contains("paraph_raises_total{outcome=\"given_up\"} 1"))
    }
}
