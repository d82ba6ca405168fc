// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Testing

@testable import PDFSyntax

@Suite struct SignableDocumentTests {
    private func opened(_ text: String) throws(PDFError) -> SignableDocument {
        try SignableDocument(ArraySource(Array(text.utf8)))
    }

    private let sound = String(decoding: SamplePDF.onePage.table(), as: UTF8.self)

    @Test func `a sound file is signed as it is`() throws {
        let signable = try opened(sound)
        #expect(signable.repairs.isEmpty)
        #expect(signable.source.size == sound.utf8.count)
        #expect(signable.document.size == sound.utf8.count)
    }

    @Test func `a damaged, a cut and a misleading file are written anew, each reason told once`() throws {
        let cases = [
            sound.replacing("startxref\n", with: "startxref\n9"), String(sound.dropLast(20)),
            sound.replacing("3 0 obj", with: "junk 3 0 obj"),
        ]
        for text in cases {
            let signable = try opened(text)
            #expect(!signable.repairs.isEmpty)
            #expect(Set(signable.repairs).count == signable.repairs.count, "\(signable.repairs)")
            let bytes = try signable.source.bytes(in: 0..<signable.source.size)
            #expect(try SignableDocument(ArraySource(bytes)).repairs.isEmpty)
            #expect(try signable.document.checkSignable().count == 1)
        }
    }

    @Test func `what cannot be repaired is refused with the reason, and as cut where it is cut`() throws {
        let page = try #require(sound.firstRange(of: "3 0 obj"))
        let cut = #expect(throws: PDFError.self) { try opened(String(sound[..<page.upperBound])) }
        #expect(cut?.code == .truncated)
        let treeless = sound.replacing("/Pages 2 0 R", with: "/Pages 9 0 R")
        #expect(throws: PDFError.self) { try opened(treeless) }
        let other = #expect(throws: PDFError.self) { try opened("no document") }
        #expect(other?.code == .notAPDF)
    }

    @Test func `a signed file is opened as it is, and refused when it is damaged`() throws {
        var sample = SamplePDF.onePage
        sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"
        sample.objects.append("<</FT/Sig/T(a)/V 5 0 R>>")
        sample.objects.append("<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>")
        let signed = String(decoding: sample.table(), as: UTF8.self)
        #expect(try opened(signed.replacing("3 0 obj", with: "junk 3 0 obj")).repairs.isEmpty)
        let damaged = signed.replacing("startxref\n", with: "startxref\n9")
        let refused = #expect(throws: PDFError.self) { try opened(damaged) }
        #expect(refused?.detail.contains("signature") == true)
    }
}
