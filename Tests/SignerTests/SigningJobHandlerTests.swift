// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys
import Logging
import Messaging
import Metrics
import PDFSigning
import PDFSyntax
import PDFVerification
import Postgres
import Storage
import TestSupport
import Testing

@testable import Signer

@Suite struct SigningJobHandlerTests {
    @Test func `SIG-01, SIG-02: a prepared document is signed by the tenant's seal`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        try await fixture.deliver([try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)])
        let answer = try #require(try await fixture.answers(DocumentSignedV1.self).first)
        let bytes = try await fixture.read(answer.revision)
        #expect(SHA256.digest(of: bytes) == answer.revision.sha256.bytes)
        #expect(Array(bytes.prefix(prepared.size)) == (try await fixture.read(prepared)))
        let report = try SignatureVerifier(source: ArraySource(bytes)).verify(
            VerificationPolicy(time: BusinessClock.system.now()))
        #expect(report.isIntact)
        #expect(report.signatures.map(\.signer) == ["Zoë Miller"])
        #expect(report.signatures.first?.certificateSHA256 == answer.certificateSHA256.hex)
        let events = try await fixture.answers(AuditEventV1.self)
        #expect(events.map(\.fact.eventType) == ["document.prepared", "document.signed"])
        #expect(events.last?.fact.hashes["revision_sha256"] == answer.revision.sha256)
        #expect(events.allSatisfy { $0.personal == nil })
    }

    @Test(arguments: [KeyKind.rsa(bits: 2048), .p256])
    func `SIG-03: a crash between key and record stores the same bytes under the same id`(kind: KeyKind) async throws {
        let fixture = try await SignerFixture(kind: kind)
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let message = try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)
        let lost = try await fixture.deliver([message], losing: true)
        guard case .stored(let first, _, _)? = lost.first?.outcome else {
            Issue.record("the first attempt stored nothing")
            return
        }
        fixture.clock.advance(bySeconds: 30)
        try await fixture.deliver([message])
        let answer = try #require(try await fixture.answers(DocumentSignedV1.self).first)
        #expect(answer.revision == first)
        #expect(
            try SignatureVerifier(source: ArraySource(try await fixture.read(first))).verify(
                VerificationPolicy(time: BusinessClock.system.now())
            ).isIntact)
        #expect(fixture.metrics.prometheusText().contains("\nparaph_keys_total 2\n"))
        let rows = try await fixture.pool.execute(
            PostgresStatement("select count(*) from signing_intents where outcome = 'stored'"))
        #expect(try rows.rows.first?.int(0) == 2)
    }

    @Test func `WF-04: a job issued again is answered again, and signed and recorded once`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let job = try fixture.signing(the, of: prepared)
        try await fixture.deliver([
            try fixture.message(job, the, seq: 2), try fixture.message(job, the, seq: 3),
        ])
        try await fixture.deliver([try fixture.message(job, the, seq: 4)])
        let answers = try await fixture.answers(DocumentSignedV1.self)
        #expect(answers.count == 3)
        #expect(Set(answers).count == 1)
        #expect(fixture.metrics.prometheusText().contains("\nparaph_keys_total 1\n"))
        #expect(
            try await fixture.answers(AuditEventV1.self).map(\.fact.eventType)
                == ["document.prepared", "document.signed"])
    }

    @Test func `SIG-04: a base that is not what was recorded is refused, and nothing of it is stored`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let lie = ObjectReference(
            tenantID: prepared.tenantID, artifactID: prepared.artifactID,
            sha256: try #require(ContentDigest(bytes: SHA256.digest(of: [1]))), size: prepared.size,
            dataKeyID: prepared.dataKeyID)
        let changed = try fixture.signing(the, of: lie)
        let other = try fixture.signing(the, of: prepared, prepared: lie, version: 3)
        try await fixture.deliver([
            try fixture.message(changed, the, seq: 2), try fixture.message(other, the, seq: 3),
        ])
        #expect(
            try await fixture.answers(SigningJobFailedV1.self).map(\.code) == ["base_changed", "base_changed"])
        #expect(fixture.metrics.prometheusText().contains("\nparaph_keys_total 0\n"))
        let events = try await fixture.answers(AuditEventV1.self).suffix(2)
        #expect(events.allSatisfy { $0.fact.outcome == .failed && $0.fact.reason == "base_changed" })
        let working = try FileManager.default.subpathsOfDirectory(atPath: fixture.root + "/objects/working")
        #expect(!working.contains { $0.hasSuffix(".partial") || $0.contains("\(changed.artifactID)") })
    }

    @Test func `a document that cannot be prepared is an outcome with the reason's code`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let source = try await fixture.original(Array("no PDF at all".utf8))
        try await fixture.deliver([try fixture.message(fixture.preparation(the, of: source), the)])
        #expect(try await fixture.answers(SigningJobFailedV1.self).map(\.code) == ["not_a_pdf"])
    }

    @Test func `a tenant without a seal waits, and the log says which and what to do`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let seals = fixture.root + "/keys/signer/seals"
        try FileManager.default.moveItem(atPath: seals, toPath: seals + "-away")
        let message = try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)
        await #expect(throws: TransientFailure(code: "seal_missing")) { try await fixture.deliver([message]) }
        let record = try #require(fixture.logs.records.last)
        #expect(record.message.hasPrefix("a tenant has no active seal"))
        #expect(record.fields.contains { $0.0 == .tenantID && $0.1 == .uuid(fixture.tenant.uuid) })
        try FileManager.default.moveItem(atPath: seals + "-away", toPath: seals)
        try await fixture.deliver([message])
        #expect(try await fixture.answers(DocumentSignedV1.self).count == 1)
    }

    @Test func `RES-06: an expired certificate signs nothing; a renewed one is taken up without a restart`()
        async throws
    {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let first = try fixture.signing(the, of: prepared)
        try await fixture.deliver([try fixture.message(first, the, seq: 2)])
        fixture.clock.advance(bySeconds: 20 * 365 * 86_400)
        let next = fixture.newCase()
        let again = try await fixture.prepared(next)
        let message = try fixture.message(try fixture.signing(next, of: again), next, seq: 2)
        await #expect(throws: TransientFailure(code: "certificate_not_valid")) { try await fixture.deliver([message]) }

        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let rootKey = try PrivateKey.generate(.p256)
        let now = fixture.clock.clock.now()
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Root", organization: "Example"), profile: .root,
            notBefore: now.advanced(bySeconds: -60), notAfter: now.advanced(bySeconds: 86_400)
        ).selfSigned(by: rootKey)
        let leaf = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Seal", organization: "Example"), profile: .documentSigning,
            notBefore: now.advanced(bySeconds: -60), notAfter: now.advanced(bySeconds: 86_400)
        ).issued(for: key.publicKey(), by: root, key: rootKey)
        let id = try fixture.installation.importSeal(
            tenant: fixture.tenant.uuid, keyPEM: key.pem(), chainPEM: Certificate.pem([leaf, root]))
        await #expect(throws: TransientFailure(code: "certificate_not_valid")) { try await fixture.deliver([message]) }
        try fixture.installation.noteTrial(tenant: fixture.tenant.uuid, keyID: id)
        try fixture.installation.activate(tenant: fixture.tenant.uuid, keyID: id, KeyNote(at: now, by: "test"))
        try await fixture.deliver([message])
        let answers = try await fixture.answers(DocumentSignedV1.self)
        #expect(answers.last?.certificateSHA256.bytes == leaf.sha256)
    }

    @Test func `RES-01: a store that is away is waited for, a damaged object is not`() async throws {
        let fixture = try await SignerFixture()
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let message = try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)
        let working = fixture.root + "/objects/working"
        try FileManager.default.moveItem(atPath: working, toPath: working + "-away")
        await #expect(throws: TransientFailure(code: "artifact_missing")) { try await fixture.deliver([message]) }
        try FileManager.default.moveItem(atPath: working + "-away", toPath: working)

        let name = "\(prepared.artifactID)"
        let path = "\(working)/\(fixture.tenant)/\(name.suffix(1))/\(name)"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = whole
        damaged[100] ^= 1
        try damaged.write(to: URL(fileURLWithPath: path))
        await #expect(throws: (any Error).self) { try await fixture.deliver([message]) }
        try whole.write(to: URL(fileURLWithPath: path))
        try await fixture.deliver([message])
        #expect(try await fixture.answers(DocumentSignedV1.self).count == 1)
    }

    @Test func `documents of one batch are signed each with its own answer, in the order of the messages`() async throws
    {
        let fixture = try await SignerFixture(kind: .p256)
        var messages: [InboundMessage] = []
        var expected: [DocumentID] = []
        for _ in 0..<7 {
            let the = fixture.newCase()
            let prepared = try await fixture.prepared(the)
            messages.append(try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2))
            expected.append(the.document)
        }
        try await fixture.deliver(messages)
        #expect(try await fixture.answers(DocumentSignedV1.self).map(\.documentID) == expected)
    }

    @Test func `an unknown type is no job`() async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let stream = MessageStream(producer: "orchestration", topic: .signingJobs, key: UUID())
        let message = InboundMessage(
            stream: stream, seq: 1, type: "SignDocumentV9", tenantID: fixture.tenant.uuid, time: SignerFixture.start,
            payload: Array("{}".utf8))
        await #expect(throws: PermanentFailure(code: "unknown_type", detail: "SignDocumentV9")) {
            try await fixture.deliver([message])
        }
    }
}
