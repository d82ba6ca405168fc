// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import FileSystem
import Foundation
import HTTPClient
import Keys
import PDFSigning
import PDFSyntax
import Postgres
import ServiceAPI
import TestSupport
import Testing

@testable import Intake

@Suite struct VerificationTests {
    @Test func `SIG-15: a signed document passes, a changed one fails, and both are in the audit log`() async throws {
        let trust = FileManager.default.temporaryDirectory.appendingPathComponent("trust-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: trust) }
        try await IntakeFixture.run(settings: ["INTAKE_VERIFY_TRUST": trust.path]) { intake in
            try Data(Certificate.pem([intake.keys.rootCertificate])).write(to: trust)
            let signed = try await Self.signed(by: intake)
            let good = try await intake.verify(signed)
            #expect(good.status == 200)
            #expect(good.json["passed"]?.boolValue == true)
            let verdict = try #require(good.json["signatures"]?.arrayValue?.first)
            #expect(verdict["indication"]?.stringValue == "TOTAL-PASSED")
            #expect(verdict["coverage"]?.stringValue == "whole_file")
            #expect(good.json["sha256"]?.stringValue == Hex.encode(SHA256.digest(of: signed)))

            var changed = signed
            let place = try #require(changed.indices.first { changed[$0...].starts(with: Array("/MediaBox".utf8)) })
            changed[place + 1] = UInt8(ascii: "N")
            let bad = try await intake.verify(changed)
            #expect(bad.status == 200)
            #expect(bad.json["passed"]?.boolValue == false)
            #expect(bad.json["signatures"]?.arrayValue?.first?["indication"]?.stringValue == "TOTAL-FAILED")

            let events = try await intake.auditEvents().filter { $0.fact.eventType.rawValue == "document.verified" }
            #expect(events.map { $0.fact.metadata["passed"] } == [.bool(true), .bool(false)])
            #expect(events.allSatisfy { $0.fact.metadata["signatures"] == .integer(1) })
        }
    }

    @Test func `without trusted certificates nothing passes`() async throws {
        try await IntakeFixture.run { intake in
            let answer = try await intake.verify(try await Self.signed(by: intake))
            #expect(answer.json["passed"]?.boolValue == false)
            let verdict = try #require(answer.json["signatures"]?.arrayValue?.first)
            #expect(verdict["indication"]?.stringValue == "INDETERMINATE")
            #expect(verdict["integrity"]?.stringValue == "intact")
        }
    }

    @Test
    func `API-08: it needs its scope, a PDF, and a body of a known type, and what is no PDF is in the audit log too`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let narrow = try await intake.token([.readEnvelopes])
            let refused = try await intake.send(
                "POST", "/v1/verify", token: narrow, type: "application/pdf", body: Array("%PDF-".utf8))
            #expect(refused.status == 403)
            #expect(try await intake.verify(Array("no PDF at all".utf8)).code == "not_a_pdf")
            let recorded = try await intake.auditEvents().filter { $0.fact.eventType.rawValue == "document.verified" }
            #expect(recorded.map { $0.fact.metadata["refused"] } == [.string("not_a_pdf")])
            let text = try await intake.send("POST", "/v1/verify", type: "text/plain", body: Array("%PDF-".utf8))
            #expect(text.status == 415)
        }
    }

    @Test(arguments: [
        "sleep 60", "head -c 150M /dev/zero | tail -c 140M >/dev/null || kill -SEGV $$", "kill -SEGV $$", "exec yes",
    ])
    func `a verifier that hangs, grows, crashes or says too much is ended, and the document is called too complex`(
        script: String
    ) async throws {
        let error = await #expect(throws: PDFError.self) { try await Self.verdict(of: script) }
        #expect(error?.code == .tooComplex)
    }

    @Test(arguments: ["echo no certificates >&2; exit 70", "echo nonsense", "echo '{}'; exit 65", "exit 127"])
    func `a verifier that cannot do its part is our fault, not the document's`(script: String) async throws {
        let error = await #expect(throws: DocumentVerifierError.self) { try await Self.verdict(of: script) }
        #expect(!script.contains("certificates") || error?.output == "no certificates\n")
    }

    @Test func `a document that finds all places taken is to come again later`() async throws {
        let places = VerificationPlaces(1)
        try await places.holdingOne {
            let error = await #expect(throws: ProblemDetails.self) { try await places.holdingOne {} }
            #expect(error?.code.status == 503)
            #expect(error?.retryAfterSeconds == 10)
        }
        try await places.holdingOne {}
    }

    /// What comes of a shell script in the verifier's place.
    private static func verdict(of script: String) async throws -> JSONValue {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("verifier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appendingPathComponent("verifier")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        let verifier = DocumentVerifier(
            program: program.path, trust: nil, pool: BlockingPool(label: "test", width: 1), longestSeconds: 1)
        let document = try AnonymousFile()
        try document.append(Array("%PDF-1.7".utf8))
        return try await verifier.verify(document)
    }

    private static func signed(by intake: IntakeFixture) async throws -> [UInt8] {
        let tenant = intake.tenant.uuid
        let id = try #require(try intake.keys.register(tenant: tenant).active(.signature)).id
        let seal = try intake.keys.seal(tenant: tenant, keyID: id)
        let credential = try SigningCredential(chain: seal.chain, algorithm: seal.algorithm) {
            try await seal.sign(digest: $0)
        }
        let document = SampleFile.onePage
        return try await DocumentSigner(credential: credential).sign(
            document, opened: PDFDocument(source: ArraySource(document)),
            request: SignatureRequest(
                fieldName: "Signature", missingField: .add(nil), signerName: "Ada", reason: nil,
                signingTime: intake.clock.clock.now(), appearance: SignatureAppearance(lines: [])))
    }
}

extension IntakeFixture {
    fileprivate func auditEvents() async throws -> [AuditEventV1] {
        let rows = try await backbone.pool.execute(
            PostgresStatement(
                "select payload from outbox where type = $1 order by id", [.text(AuditEventV1.messageType)])
        ).rows
        return try rows.map { try AuditEventV1(payload: try $0.bytes(0)) }
    }

    fileprivate func verify(_ document: [UInt8]) async throws -> HTTPClientResponse {
        try await send("POST", "/v1/verify", type: "application/pdf", body: document)
    }
}
