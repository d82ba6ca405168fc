// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import HTTPClient
import Keys
import PDFSigning
import PDFSyntax
import Revocation
import Testing
import Timestamping

@Suite struct LevelSignerTests {
    @Test func `LTV-01: each level says what it reached, and later ones only append`() async throws {
        try await AuthorityStage.run { stage in
            let credential = try stage.credential()
            for level in SignatureLevel.allCases {
                let base = SampleDocument.onePage()
                let (document, revision) = try await stage.signed(base, to: level, credential)
                #expect(revision.level == level && revision.shortfalls.isEmpty, "\(revision.shortfalls)")
                #expect(document == base + revision.update)
                let raised = try PDFDocument(source: ArraySource(document))
                #expect((raised.catalog["DSS"] != nil) == (level >= .longTerm))
                #expect(try raised.signatureFields().count == (level == .longTermArchived ? 2 : 1))
            }
        }
    }

    @Test func `RES-01: authorities that are down cost the level and not the signature`() async throws {
        try await AuthorityStage.run { stage in
            let credential = try stage.credential()
            let sink = ArraySink()
            let revision = try await stage.signer(
                .longTermArchived, credential, timestamps: stage.timestamps(url: "http://127.0.0.1:1/")
            ).sign(
                PDFDocument(source: ArraySource(SampleDocument.onePage())), request: stage.request("first"), into: sink)
            #expect(revision.level == .basic)
            #expect(revision.shortfalls == [.timestamp(.exhausted([.transport(.connectFailed)]))])
            let document = try PDFDocument(source: ArraySource(await sink.bytes))
            #expect(try document.signatureFields().map(\.isSigned) == [true])
            // What could not be had then can be had later.
            let raised = try await stage.raising().raise(document, to: .timestamped)
            #expect(raised.level == .timestamped && raised.shortfalls.isEmpty)
        }
    }

    @Test func `without time for it nobody is asked for a timestamp`() async throws {
        try await AuthorityStage.run { stage in
            let signer = LevelSigner(
                credential: try stage.credential(), level: .timestamped, timestamps: stage.timestamps(),
                revocation: nil, timestampBudgetSeconds: 0, revocationBudgetSeconds: 0)
            let revision = try await signer.sign(
                PDFDocument(source: ArraySource(SampleDocument.onePage())), request: stage.request("first"),
                into: ArraySink())
            #expect(revision.level == .basic && revision.shortfalls == [.timestamp(.notAsked)])
        }
    }

    @Test func `a revoked signer is refused before the key is used`() async throws {
        try await AuthorityStage.run { stage in
            let good = try stage.credential()
            let credential = try SigningCredential(chain: good.chain, algorithm: good.algorithm) { _ in
                Issue.record("the key was used")
                return []
            }
            try stage.authority.revoke(good.chain[0], reason: .keyCompromise, now: stage.clock.now())
            let sink = ArraySink()
            let error = await #expect(throws: RevocationError.self) {
                try await stage.signer(.longTerm, credential).sign(
                    PDFDocument(source: ArraySource(SampleDocument.onePage())), request: stage.request("first"),
                    into: sink)
            }
            guard case .revoked(_, _, .keyCompromise) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(await sink.bytes.isEmpty)
        }
    }
}
