// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import PDFSyntax
import Synchronization
import Testing

@testable import PDFSigning

@Suite struct DocumentSignerTests {
    private final class Pieces: RevisionSink, Sendable {
        let all = Mutex<[[UInt8]]>([])

        func append(_ bytes: [UInt8]) async throws { all.withLock { $0.append(bytes) } }

        var bytes: [UInt8] { all.withLock { Array($0.joined()) } }
    }

    private let request = SignatureRequest(
        fieldName: "a", missingField: .add(nil), signerName: nil, reason: nil, signingTime: SigningFixture.time)

    private func contents(of signed: [UInt8]) throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(signed))
        let field = try #require(try document.formField("a"))
        return try #require(try document.resolved(field.dictionary["V"]).dictionaryValue?["Contents"]?.stringValue)
    }

    @Test func `a document of several pieces is copied, hashed and signed in one pass`() async throws {
        let filler = "<</Length 2500000>>\nstream\n\(String(repeating: "x", count: 2_500_000))\nendstream"
        let base = SampleDocument.onePage(objects: [filler])
        let signer = DocumentSigner(credential: try SigningFixture.rsa.get().credential)
        let sink = Pieces()
        let document = try PDFDocument(source: ArraySource(base))
        let revision = try await signer.sign(document, request: request, into: sink)
        #expect(sink.all.withLock { $0.map(\.count).max() ?? 0 } <= 1 << 20)
        #expect(sink.bytes == base + revision.update)
        #expect(try await signer.sign(base, opened: document, request: request) == sink.bytes)
        var hasher = DigestHasher(.sha256)
        hasher.update(base)
        let appended = try await signer.revision(of: document, request: request, baseHash: hasher)
        #expect(appended.update == revision.update)
    }

    @Test func `nothing reaches the sink when the document cannot be signed`() async throws {
        let signer = DocumentSigner(credential: try SigningFixture.p256.get().credential)
        let sink = Pieces()
        var request = request
        request.missingField = .refuse
        await #expect(throws: PDFError.self) {
            try await signer.sign(
                PDFDocument(source: ArraySource(SampleDocument.onePage())), request: request, into: sink)
        }
        #expect(sink.bytes.isEmpty)
    }

    @Test func `SIG-02: a token larger than expected costs a second signature, not the job`() async throws {
        let fixture = try SigningFixture.p256.get()
        let uses = Mutex(0)
        let credential = try SigningCredential(chain: fixture.chain, algorithm: fixture.algorithm) { digest in
            uses.withLock { $0 += 1 }
            return try fixture.key.sign(digest: digest, algorithm: fixture.algorithm)
        }
        let token = [0x30, 0x82, 0x0F, 0xA0] + [UInt8](repeating: 5, count: 4_000)
        for (expected, count) in [(100, 2), (5_000, 1)] {
            uses.withLock { $0 = 0 }
            let signer = DocumentSigner(
                credential: credential, timestamping: SignatureTimestamping(expectedBytes: expected) { _ in token })
            let base = SampleDocument.onePage()
            let sink = Pieces()
            let revision = try await signer.sign(
                PDFDocument(source: ArraySource(base)), request: request, into: sink)
            #expect(revision.isTimestamped)
            #expect(uses.withLock { $0 } == count)
            let cms = try contents(of: sink.bytes)
            #expect((0..<(cms.count - token.count)).contains { cms[$0...].starts(with: token) })
        }
    }

    @Test func `without a token in time the signature stands without one`() async throws {
        let signer = DocumentSigner(
            credential: try SigningFixture.p256.get().credential,
            timestamping: SignatureTimestamping(expectedBytes: 3_000) { _ in nil })
        let base = SampleDocument.onePage()
        let revision = try await signer.sign(
            PDFDocument(source: ArraySource(base)), request: request, into: Pieces())
        #expect(!revision.isTimestamped)
    }

    @Test func `a field that was made between other revisions keeps its name and gets one widget`() async throws {
        let signer = DocumentSigner(credential: try SigningFixture.p256.get().credential)
        // A hierarchy whose leaf has a widget of its own and inherits its type.
        let base = SampleDocument.onePage(
            catalog: "/AcroForm 4 0 R", page: "/Annots[7 0 R]",
            objects: [
                "<</Fields[5 0 R]>>", "<</T(a)/FT/Sig/Kids[6 0 R]>>", "<</T(b)/Parent 5 0 R/Kids[7 0 R]>>",
                "<</Subtype/Widget/Rect[10 10 90 40]/F 4/P 3 0 R/Parent 6 0 R>>",
            ])
        var request = request
        request.fieldName = "a.b"
        request.missingField = .refuse
        request.appearance = SignatureAppearance(lines: ["Signed"])
        let signed = try await signer.sign(base, opened: PDFDocument(source: ArraySource(base)), request: request)
        let document = try PDFDocument(source: ArraySource(signed))
        let field = try #require(try document.formFields().first { $0.name == "a.b" })
        #expect(field.reference == PDFReference(number: 6) && field.dictionary["V"] != nil)
        #expect(field.dictionary["AP"] == nil)
        #expect(try document.object(PDFReference(number: 7)).dictionaryValue?["AP"] != nil)
        #expect(try document.object(PDFReference(number: 4)).dictionaryValue?["SigFlags"] == .integer(3))
        request.fieldName = "a"
        await #expect(throws: PDFError.self) {
            try await signer.sign(base, opened: PDFDocument(source: ArraySource(base)), request: request)
        }
        // What need not change is not written again.
        let update = String(decoding: signed[base.count...], as: UTF8.self)
        for number in [1, 3, 5] { #expect(!update.contains("\n\(number) 0 obj")) }
    }

    @Test func `names that no new field can have are refused`() async throws {
        let signer = DocumentSigner(credential: try SigningFixture.p256.get().credential)
        let base = SampleDocument.onePage()
        for name in ["", "a.b"] {
            var request = request
            request.fieldName = name
            await #expect(throws: PDFError.self) {
                try await signer.sign(base, opened: PDFDocument(source: ArraySource(base)), request: request)
            }
        }
    }
}
