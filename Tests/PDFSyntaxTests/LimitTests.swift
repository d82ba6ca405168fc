// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Compression
import Foundation
import PDFSyntax
import Testing

/// Hostile files end in a typed error, after bounded work.
struct LimitTests {
    private func code(_ bytes: [UInt8], limits: PDFLimits = .default) -> PDFError.Code? {
        do throws(PDFError) {
            let document = try PDFDocument(source: ArraySource(bytes), limits: limits)
            try document.checkSignable()
            for revision in try document.revisionHistory().revisions {
                for section in revision.sections { _ = try section.entries() }
            }
            return nil
        } catch {
            return error.code
        }
    }

    private func code(_ text: String, limits: PDFLimits = .default) -> PDFError.Code? {
        code(Array(text.utf8), limits: limits)
    }

    private static let table = String(decoding: SamplePDF.onePage.table(), as: UTF8.self)
    private static let streams = String(decoding: SamplePDF.onePage.streams(), as: UTF8.self)

    @Test func `sections of both forms that lead back to themselves are damaged`() {
        for (text, form) in [(Self.table, "/Size"), (Self.streams, "/Type/XRef")] {
            let start = text.components(separatedBy: "startxref\n")[1].prefix { $0.isNumber }
            #expect(code(text.replacingOccurrences(of: form, with: "/Prev \(start)\(form)")) == .damaged)
        }
    }

    @Test func `a chain of more sections than allowed is too complex`() throws {
        var bytes = SamplePDF.onePage.table()
        var limits = PDFLimits.default
        limits.maximumSections = 20
        for count in 2...21 {
            let document = try PDFDocument(source: ArraySource(bytes))
            var update = IncrementalUpdate(of: document)
            update.write(document.catalog, at: document.catalogReference)
            bytes += try update.finish()
            #expect(code(bytes, limits: limits) == (count > 20 ? .tooComplex : nil))
        }
    }

    @Test(arguments: [
        "/Size 4", "/Size -1", "/Size 99999999999", "/Size 4/Index[0 7]", "/Size 4/Index[0]",
        "/Size 4/Index[-1 4]", "/Size 4/Index[1999999 4]", "/Size 4/Index[9223372036854775807 9223372036854775807]",
        "/Size 4/Index[0 9223372036854775807]", "/Size 4/Index[0(x)]", "/W[1 3 2]/W[1 0 2]", "/W[1 3 2]/W[1 9 2]",
        "/W[1 3 2]/W[-1 3 2]", "/W[1 3 2]/W[]", "/W[1 3 2]/W[1 8 8]", "/W[1 3 2]/W 7", "/W[1 3 2]/W[4 4 4 4 4 4 4 4]",
    ])
    func `impossible dictionaries of cross-reference streams are refused`(entries: String) {
        let text = Self.streams.replacingOccurrences(of: "/W[1 3 2]/Size 6", with: "/W[1 3 2]\(entries)")
        #expect(code(text) != nil)
    }

    @Test(arguments: [
        "/N 99999999999/First 20", "/N -1/First 20", "/N 4/First -1", "/N 4/First 99999999", "/N 3/First 0", "/N 3",
        "/First 20", "/N 0/First 0",
    ])
    func `impossible dictionaries of object streams are refused`(entries: String) throws {
        let range = try #require(Self.streams.range(of: #"/N 3/First \d+"#, options: .regularExpression))
        let text = Self.streams.replacingCharacters(in: range, with: entries)
        let missing = range.upperBound.utf16Offset(in: Self.streams) - range.lowerBound.utf16Offset(in: Self.streams)
        let start = try #require(Int(Self.streams.components(separatedBy: "startxref\n")[1].prefix { $0.isNumber }))
        let moved = text.replacingOccurrences(
            of: "startxref\n\(start)", with: "startxref\n\(start + entries.utf8.count - missing)")
        #expect(code(moved) == .damaged)
    }

    @Test func `an object stream inside itself or another is damaged`() {
        let container = Self.streams.replacingOccurrences(of: "01 000009 0000", with: "02 000004 0000")
        #expect(code(container) == .damaged)
        #expect(code(container.replacingOccurrences(of: "02 000004 0000 01", with: "02 000005 0000 01")) == .damaged)
    }

    @Test(arguments: ["0 99999999", "0 9223372036854775807", "9223372036854775807 1", "1999999 2", "0 1999999", "-1 3"])
    func `impossible subsections are refused`(header: String) {
        #expect(code(Self.table.replacingOccurrences(of: "xref\n0 4\n", with: "xref\n\(header)\n")) != nil)
    }

    @Test func `many subsections are read, and too many out of order are too complex`() {
        var sample = SamplePDF.onePage
        sample.objects += (0..<3_000).map { "\($0)" }
        let text = String(decoding: sample.table(), as: UTF8.self)
        let lines = text.components(separatedBy: "\n")
        let first = lines.firstIndex(of: "xref") ?? 0
        let entries = lines[(first + 2)..<(first + 3_006)].map { $0 }
        let head = lines[..<first].joined(separator: "\n") + "\nxref\n"
        let tail = lines[(first + 3_006)...].joined(separator: "\n")
        let ordered = entries.enumerated().map { "\($0.offset) 1\n\($0.element)\n" }
        #expect(code(head + ordered.joined() + tail) == nil)
        #expect(code(head + ordered.reversed().joined() + tail) == .tooComplex)
        #expect(code(head + ordered[500...].joined() + ordered[..<500].reversed().joined() + tail) == .tooComplex)
    }

    @Test(arguments: ["[", "<<", "<</A", "[<<", "[(x)[", "<</A["])
    func `deep nesting is too complex`(opening: String) {
        var sample = SamplePDF.onePage
        sample.objects[2] = String(repeating: opening, count: 50_000)
        #expect(code(sample.table()) == .tooComplex || opening == "<<" || opening == "[<<")
        #expect(code(sample.table()) != nil)
    }

    @Test(arguments: ["/Count 99999999999", "/Count -5", "/Count(x)", ""])
    func `a stated number of pages is not believed`(count: String) {
        var sample = SamplePDF.onePage
        sample.objects[1] = "<</Type/Pages/Kids[3 0 R]\(count)>>"
        #expect(code(sample.table()) == nil)
    }

    @Test func `page trees that lead back into themselves end`() {
        let circles = [
            ["<</Type/Pages/Kids[2 0 R]>>"],
            ["<</Type/Pages/Kids[3 0 R 3 0 R]>>", "<</Type/Pages/Kids[2 0 R 3 0 R]>>"],
            ["<</Type/Pages/Kids 3 0 R>>", "[2 0 R 3 0 R]"], ["<</Type/Pages/Kids 2 0 R>>"], ["2 0 R"],
            ["3 0 R", "2 0 R"],
        ]
        for circle in circles {
            #expect(code(SamplePDF(objects: ["<</Type/Catalog/Pages 2 0 R>>"] + circle).table()) == .damaged)
        }
    }

    @Test func `branches that share branches do not multiply beyond the limit on pages`() {
        var objects = ["<</Type/Catalog/Pages 2 0 R>>"]
        for number in 2..<60 { objects.append("<</Kids[<</Kids[\(number + 1) 0 R]>><</Kids[\(number + 1) 0 R]>>]>>") }
        objects.append("<</Type/Page>>")
        #expect([nil, .tooComplex].contains(code(SamplePDF(objects: objects).table())))
    }

    @Test func `the work on a document is bounded whatever asks for it`() throws {
        var limits = PDFLimits.default
        limits.maximumWork = 20_000
        let document = try PDFDocument(source: ArraySource(SamplePDF.onePage.table()), limits: limits)
        #expect { for _ in 0..<1_000 { _ = try document.page(at: 0) } } throws: {
            ($0 as? PDFError)?.code == .tooComplex
        }
    }

    @Test func `pages that hold more values than allowed are too complex`() {
        var sample = SamplePDF.onePage
        sample.objects[1] = "<</Type/Pages/Kids[\(String(repeating: "3 0 R ", count: 900))]>>"
        sample.objects[2] = "<</Type/Page/A[\(String(repeating: "1 ", count: 5_000))]>>"
        #expect(code(sample.table()) == .tooComplex)
    }

    @Test func `a bomb in a cross-reference stream is too complex`() throws {
        let packed = try Deflate.deflate([UInt8](repeating: 0, count: 40 << 20), level: .smallest)
        let head = Array(
            "%PDF-1.7\n1 0 obj<</Type/XRef/W[1 3 2]/Size 4/Filter/FlateDecode/Length \(packed.count)>>stream\n".utf8)
        let tail = Array("\nendstream\nendobj\nstartxref\n9\n%%EOF\n".utf8)
        #expect(code(head + packed + tail) == .tooComplex)
    }

    @Test func `mutated documents with large pieces end in a document or a refusal`() {
        var generator = SeededGenerator(seed: 21)
        var sample = SamplePDF.onePage
        sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"
        sample.objects += ["<</T(a)/FT/Sig/Kids[5 0 R]>>", "<</T(b)/V 6 0 R>>", "<</Type/Sig/Reference[]>>"]
        sample.trailer = "/ID[<01><02>]/Prev 0"
        let pieces = [
            "/Prev 9", "[", "<<", "99999999999", "-1", " 0 R", "stream\n", "endobj", "/Length 9", "(", ">", "xref",
            "\0",
        ]
        var limits = PDFLimits.default
        for whole in [sample.table(), sample.streams()] {
            for round in 0..<1_500 {
                limits.wholeFileBytes = round % 2 == 0 ? 0 : 100_000
                var bytes = whole
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: 0...bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: place)
                    case 1:
                        bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...9, using: &generator)))
                    case 2:
                        let piece = Array((pieces.randomElement(using: &generator) ?? "").utf8)
                        bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
                    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 60)], at: place)
                    }
                }
                _ = code(bytes, limits: limits)
            }
        }
    }
}
