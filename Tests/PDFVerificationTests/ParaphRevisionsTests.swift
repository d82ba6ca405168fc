// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import PDFSigning
import PDFSyntax
import PDFVerification
import Testing

/// Revisions that Paraph's own signers write.
struct ParaphRevisionsTests {
    private static let time = Instant(microseconds: 1_795_176_000_000_000)

    private static func credential() throws -> SigningCredential {
        let key = try PrivateKey.generate(.p256)
        let certificate = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Test seal", organization: "Paraph"), profile: .root,
            notBefore: time.advanced(bySeconds: -86_400), notAfter: time.advanced(bySeconds: 86_400)
        ).selfSigned(by: key)
        return try SigningCredential(chain: [certificate], algorithm: .ecdsaSHA256) {
            try key.sign(digest: $0, algorithm: .ecdsaSHA256)
        }
    }

    private func sign(_ base: [UInt8], _ request: SignatureRequest) async throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(base))
        return try await DocumentSigner(credential: Self.credential()).sign(base, opened: document, request: request)
    }

    private func request(_ field: String, _ values: [FieldValue] = []) -> SignatureRequest {
        SignatureRequest(
            fieldName: field, signerName: "Zoë Miller", reason: "I agree", signingTime: Self.time,
            appearance: SignatureAppearance(lines: ["Zoë Miller", "2026-11-20"]), values: values)
    }

    /// A page with fields for two signers and their values.
    private func prepared() throws -> [UInt8] {
        func place(_ y: Double) -> PreparedField.Placement { .init(pageIndex: 0, x: 20, y: y, width: 180, height: 30) }
        let base = Array(
            """
            %PDF-1.7
            1 0 obj
            <</Type/Catalog/Pages 2 0 R>>
            endobj
            2 0 obj
            <</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 300]>>
            endobj
            3 0 obj
            <</Type/Page/Parent 2 0 R>>
            endobj
            xref
            0 4
            0000000000 65535 f\u{20}
            0000000009 00000 n\u{20}
            0000000054 00000 n\u{20}
            0000000127 00000 n\u{20}
            trailer
            <</Size 4/Root 1 0 R>>
            startxref
            170
            %%EOF

            """.utf8)
        let fields = [
            PreparedField(name: "first", kind: .signature, placement: place(10)),
            PreparedField(name: "second", kind: .signature, placement: nil),
            PreparedField(name: "place", kind: .text, placement: place(50)),
            PreparedField(name: "agree", kind: .checkbox, placement: place(90)),
        ]
        return base
            + (try DocumentPreparation.prepare(document: PDFDocument(source: ArraySource(base)), fields: fields))
    }

    @Test func `SIG-03: two signers and their form values raise no alarm`() async throws {
        let first = try await sign(
            prepared(), request("first", [FieldValue(name: "place", content: .text("Zürich"))]))
        let second = try await sign(
            first, request("second", [FieldValue(name: "agree", content: .checked(true))]))
        let reports = try ChangesOf(second).reports
        let denied = reports["first"]?.changes.filter { !$0.permitted }.map { "\($0.object) \($0.what): \($0.why)" }
        #expect(reports["first"]?.verdict == .permitted, "\(denied ?? [])")
        #expect(reports["second"]?.verdict == ChangeVerdict.none)
    }

    @Test(.enabled(if: SignedCorpus.folder != nil, "needs ../shared/corpus"))
    func `SIG-03: a second signature on files of others raises no alarm for the first`() async throws {
        let folder = (SignedCorpus.folder ?? "") + "/../pdf"
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let base = [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name)))
            guard base.count < 1 << 20 else { continue }
            var first = request("Paraph first")
            first.missingField = .add(.init(pageIndex: 0, x: 5, y: 5, width: 40, height: 20))
            var second = request("Paraph second")
            second.missingField = .add(nil)
            guard let once = try? await sign(base, first), let twice = try? await sign(once, second) else { continue }
            count += 1
            let source = ArraySource(twice)
            let report = try RevisionChanges.judge(
                document: PDFDocument(source: source), source: source, signedEnd: once.count)
            let denied = report.changes.filter { !$0.permitted }.map { "\($0.object) \($0.what): \($0.why)" }
            #expect(report.verdict == .permitted, "\(name) \(denied.prefix(3))")
        }
        #expect(count > 50)
    }
}
