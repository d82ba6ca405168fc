// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Typography

@testable import PDFSigning

/// One empty page that keeps to a part of ISO 19005, at level U where there is one, without an output intent: then only colours that mean the
/// same on every device are allowed, which is the strictest case.
enum ArchivalSample {
    static func document(part: Int) -> [UInt8] {
        let level =
            switch part {
            case 1: "<pdfaid:conformance>B</pdfaid:conformance>"
            case 4: "<pdfaid:rev>2020</pdfaid:rev>"
            default: "<pdfaid:conformance>U</pdfaid:conformance>"
            }
        let metadata = """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
            <pdfaid:part>\(part)</pdfaid:part>\(level)
            </rdf:Description></rdf:RDF></x:xmpmeta>
            <?xpacket end="w"?>
            """
        let objects = [
            "<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 300]>>",
            "<</Type/Page/Parent 2 0 R/Resources<<>>>>",
            "<</Type/Metadata/Subtype/XML/Length \(metadata.utf8.count)>>\nstream\n\(metadata)\nendstream",
        ]
        var text = "%PDF-\(part == 1 ? "1.4" : part == 4 ? "2.0" : "1.7")\n%ÄÖÜß\n"
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        let identifier = "<00112233445566778899AABBCCDDEEFF>"
        text += table + "trailer\n<</Size \(objects.count + 1)/Root 1 0 R/ID[\(identifier)\(identifier)]>>\n"
        return Array((text + "startxref\n\(start)\n%%EOF\n").utf8)
    }

    /// Signed with letters of a small font.
    static func signed(_ fixture: SigningFixture, part: Int, fonts: FontLibrary) async throws -> [UInt8] {
        var request = fixture.request("first")
        request.appearance.lines = ["AB CAB"]
        request.fonts = fonts
        return try await fixture.sign(SampleDocument.prepared(document(part: part)), request)
    }

    /// Signed with text in five scripts, a mark, and filled fields.
    static func signed(
        _ fixture: SigningFixture, part: Int, mark: SignatureAppearance.Mark?
    ) async throws -> [UInt8] {
        let base = try SampleDocument.prepared(document(part: part))
        var request = fixture.request("first", values: SampleDocument.firstValues)
        request.appearance.lines += ["Мария Ελένη", "محمد الشريف وقّع", "王小明", "e\u{301} श्रीमती \u{E000} \u{13000}"]
        request.appearance.mark = mark
        return try await fixture.sign(base, request)
    }
}
