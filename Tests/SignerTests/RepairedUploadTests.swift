// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import PDFSyntax
import PDFVerification
import Testing

@testable import Signer

@Suite struct RepairedUploadTests {
    private static let damaged = Array(
        String(decoding: SignerFixture.onePage, as: UTF8.self).replacing("startxref\n", with: "startxref\n9").utf8)

    /// Prepares it, the first time in vain, and signs it; answers the prepared and the signed file.
    private func signed(_ file: [UInt8], _ fixture: SignerFixture) async throws -> (prepared: [UInt8], signed: [UInt8])
    {
        let the = fixture.newCase()
        let message = try fixture.message(fixture.preparation(the, of: try await fixture.original(file)), the)
        let lost = try await fixture.deliver([message], losing: true)
        try await fixture.deliver([message])
        let prepared = try #require(try await fixture.answers(DocumentPreparedV1.self).last).prepared
        guard case .stored(prepared, _, _)? = lost.first?.outcome else {
            Issue.record("a repeat stored other bytes: \(lost)")
            throw SignerFixture.FixtureError.notStored
        }
        try await fixture.deliver([try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)])
        let signed = try #require(try await fixture.answers(DocumentSignedV1.self).last).revision
        return (try await fixture.read(prepared), try await fixture.read(signed))
    }

    private func isIntact(_ file: [UInt8]) throws -> Bool {
        try SignatureVerifier(source: ArraySource(file)).verify(
            VerificationPolicy(time: BusinessClock.system.now())
        ).isIntact
    }

    @Test func `DM-10: a damaged document is repaired before anything is added, and the audit event says so`()
        async throws
    {
        let fixture = try await SignerFixture(kind: .p256)
        let (prepared, signed) = try await signed(Self.damaged, fixture)
        let repaired = try DocumentRepair.repair(source: ArraySource(Self.damaged))
        let rewritten = try repaired.source.bytes(in: 0..<repaired.source.size)
        #expect(prepared.starts(with: rewritten) && signed.starts(with: prepared))
        #expect(try isIntact(signed))
        #expect(try SignableDocument(ArraySource(signed)).repairs.isEmpty)
        let event = try #require(try await fixture.answers(AuditEventV1.self).first).fact
        #expect(event.eventType == "document.prepared")
        #expect(event.metadata["repaired"]?.arrayValue == repaired.notes.map { .string($0) })
        #expect(event.hashes["revision_sha256"]?.bytes == SHA256.digest(of: prepared))
    }

    @Test func `a sound document's preparation names no repair`() async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let (prepared, _) = try await signed(SignerFixture.onePage, fixture)
        #expect(prepared.starts(with: SignerFixture.onePage))
        #expect(try await fixture.answers(AuditEventV1.self).allSatisfy { $0.fact.metadata["repaired"] == nil })
    }

    @Test func `SIG-04: a damaged document that is not what was uploaded is refused`() async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let the = fixture.newCase()
        let source = try await fixture.original(Self.damaged)
        let lie = ObjectReference(
            tenantID: source.tenantID, artifactID: source.artifactID,
            sha256: try #require(ContentDigest(bytes: SHA256.digest(of: [1]))), size: source.size,
            dataKeyID: source.dataKeyID)
        try await fixture.deliver([try fixture.message(fixture.preparation(the, of: lie), the)])
        #expect(try await fixture.answers(SigningJobFailedV1.self).map(\.code) == ["source_changed"])
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/qpdf"), "qpdf is not installed"),
        arguments: [["128", "--use-aes=y"], ["256"]])
    func `an encrypted document that opens for everybody is prepared and signed, and stays encrypted`(
        kind: [String]
    ) async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let plain = fixture.root + "/plain.pdf"
        let encrypted = fixture.root + "/encrypted.pdf"
        try Data(SignerFixture.onePage).write(to: URL(fileURLWithPath: plain))
        #expect(
            try run(["--allow-weak-crypto", "--encrypt", "", "owner"] + kind + ["--", plain, encrypted]) == 0)
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: encrypted)))
        let (_, signed) = try await signed(file, fixture)
        #expect(signed.starts(with: file))
        #expect(try isIntact(signed))
        #expect(try PDFDocument(source: ArraySource(signed)).encryption != nil)
        let output = fixture.root + "/signed.pdf"
        try Data(signed).write(to: URL(fileURLWithPath: output))
        #expect(try run(["--check", output]) == 0)
    }

    private func run(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/qpdf")
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
