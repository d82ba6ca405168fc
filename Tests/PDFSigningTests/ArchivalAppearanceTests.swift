// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

@testable import PDFSigning

struct ArchivalAppearanceTests {
    private static let oracle = ProcessInfo.processInfo.environment["ORACLE_HOME"].map { "\($0)/oracle" }

    @Test(.enabled(if: oracle != nil, "needs ORACLE_HOME"))
    func `SIG-01: a visible signature keeps PDF/A-1, 2, 3 and 4`() async throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let marks: [(String, SignatureAppearance.Mark?)] = [
            ("text", nil), ("alpha", .image(try SignatureImage(Fixtures.bytes("ink.png")))),
            ("photo", .image(try SignatureImage(Fixtures.bytes("photo.jpg")))),
            ("grey", .image(try SignatureImage(Fixtures.bytes("grey-progressive.jpg")))),
            ("strokes", .strokes(try AppearanceSample.strokes())),
        ]
        var paths: [String] = []
        for part in 1...4 {
            for (name, mark) in marks {
                let path = "\(folder)/a\(part)-\(name).pdf"
                try Tool.write(
                    await ArchivalSample.signed(SigningFixture.p256.get(), part: part, mark: mark), to: path)
                paths.append(path)
            }
        }
        for name in ["compact-named", "compact-keyed"] {
            // Only glyphs with identifiers of their own suit PDF/A-1.
            for part in (name == "compact-keyed" ? 1 : 2)...4 {
                let path = "\(folder)/a\(part)-\(name).pdf"
                try Tool.write(
                    await ArchivalSample.signed(
                        SigningFixture.p256.get(), part: part, fonts: Fixtures.font(name)), to: path)
                paths.append(path)
            }
        }
        let result = try Tool.run([try #require(Self.oracle), "pdfa", "--json"] + paths)
        let failed = result.output.split(separator: "\n").filter { !$0.contains("\"passed\":true") }
        #expect(result.status == 0 && failed.isEmpty, "\(failed)")
    }

    @Test func `four inks are refused where the document is PDF/A, and only there`() async throws {
        let mark = SignatureAppearance.Mark.image(try SignatureImage(Fixtures.bytes("four-inks.jpg")))
        await #expect(throws: PDFError.self) {
            _ = try await ArchivalSample.signed(SigningFixture.p256.get(), part: 2, mark: mark)
        }
        var request = try SigningFixture.p256.get().request("first")
        request.appearance.mark = mark
        _ = try await SigningFixture.p256.get().sign(SampleDocument.prepared(), request)
    }
}
