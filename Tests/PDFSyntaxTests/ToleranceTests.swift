// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

/// Files that depart from ISO 32000-2 and that other readers open all the same.
struct ToleranceTests {
    /// Opens a file, walks what signing needs, and updates it: the result must be regular where the file allows it.
    private func overlooked(_ text: String) throws -> PDFIrregularities {
        let document = try PDFDocument(source: ArraySource(Array(text.utf8)))
        try document.checkSignable()
        var limits = PDFLimits.default
        limits.wholeFileBytes = 0
        let inPieces = try PDFDocument(source: ArraySource(Array(text.utf8)), limits: limits)
        try inPieces.checkSignable()
        #expect(inPieces.irregularities == document.irregularities)
        #expect(inPieces.trailer == document.trailer)
        var update = IncrementalUpdate(of: document)
        update.write(document.catalog, at: document.catalogReference)
        let second = try PDFDocument(source: ArraySource(Array(text.utf8) + (try update.finish())))
        #expect(try second.pageCount == document.pageCount)
        #expect(second.sectionOffsets.count == document.sectionOffsets.count + 1)
        #expect(!second.irregularities.contains(.startOffset))
        #expect(second.offsetBase == document.offsetBase)
        return document.irregularities
    }

    private func refusal(_ text: String) -> PDFError? {
        do {
            try PDFDocument(source: ArraySource(Array(text.utf8))).checkSignable()
            return nil
        } catch {
            return error
        }
    }

    private static let table = String(decoding: SamplePDF.onePage.table(), as: UTF8.self)
    private static let streams = String(decoding: SamplePDF.onePage.streams(), as: UTF8.self)

    /// Adds to the number behind `startxref`.
    private static func moved(_ text: String, by distance: Int) -> String {
        let parts = text.components(separatedBy: "startxref\n")
        let number = Int(parts[1].prefix { $0.isNumber }) ?? 0
        return parts[0] + "startxref\n\(number + distance)\n%%EOF\n"
    }

    // MARK: Header and end

    @Test(arguments: [table, streams])
    func `offsets may count from a header that other bytes precede`(text: String) throws {
        #expect(try overlooked("HTTP/1.1 200 OK\r\n\r\n" + text) == .bytesBeforeHeader)
        #expect(try overlooked(String(repeating: "x", count: 1_019) + text) == .bytesBeforeHeader)
        #expect(refusal(String(repeating: "x", count: 1_020) + text)?.code == .notAPDF)
    }

    @Test func `offsets may count bytes before the header`() throws {
        var sample = SamplePDF.onePage
        sample.prefix = "junk before the header\n"
        for bytes in [sample.table(), sample.streams()] {
            let found = try overlooked(String(decoding: bytes, as: UTF8.self))
            #expect(found == [.bytesBeforeHeader, .offsetsBeforeHeader])
        }
    }

    @Test(arguments: ["%PDF-0.0", "%PDF-9.9", "%PDF-abc", "%PDF-2.0", "%PDF-1. "])
    func `what the header says of the version is not judged`(header: String) throws {
        #expect(try overlooked(Self.table.replacingOccurrences(of: "%PDF-1.7", with: header)) == [])
    }

    @Test(arguments: [
        "\n\n", "\r\n\u{0}\u{0}\u{0}", "\n<html>not part of the file</html>\n", String(repeating: " ", count: 1_500),
    ])
    func `bytes behind the end marker are passed over`(junk: String) throws {
        #expect(try overlooked(Self.table + junk) == [])
    }

    @Test(arguments: [("startxref\n", "startxref\r\n\r\n"), ("startxref\n", "startxref "), ("\n%%EOF", " %%EOF")])
    func `white space around startxref may be any`(pair: (String, String)) throws {
        #expect(try overlooked(Self.table.replacingOccurrences(of: pair.0, with: pair.1)) == [])
    }

    // MARK: Cross-reference sections

    @Test(arguments: [-64, -17, -1, 1, 3, 64])
    func `startxref may be a few bytes off`(distance: Int) throws {
        for text in [Self.table, Self.streams] {
            #expect(try overlooked(Self.moved(text, by: distance)).isSubset(of: .startOffset))
        }
    }

    @Test func `startxref far off is damaged, and the message says where`() {
        let error = refusal(Self.moved(Self.table, by: -100))
        #expect(error?.code == .damaged)
        #expect(error?.detail.contains("byte ") == true)
        #expect(refusal(Self.moved(Self.table, by: 100_000))?.code == .damaged)
    }

    @Test(arguments: ["/Prev 0", "/Prev null"])
    func `a /Prev of nothing ends the chain`(entry: String) throws {
        var sample = SamplePDF.onePage
        sample.trailer = entry
        #expect(try overlooked(String(decoding: sample.table(), as: UTF8.self)) == [])
    }

    @Test(arguments: [(0, ""), (2, ""), (0, " 0 R")])
    func `a /Prev may be a few bytes off, or written as a reference`(distance: Int, suffix: String) throws {
        let bytes = Array(Self.table.utf8)
        let document = try PDFDocument(source: ArraySource(bytes))
        let update =
            "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\nxref\n1 1\n\(SamplePDF.padded(bytes.count, 10)) 00000 n \n"
        let trailer = "trailer<</Size 4/Root 1 0 R/Prev \(document.crossReferenceOffset + distance)\(suffix)>>\n"
        let end = "startxref\n\(bytes.count + 43)\n%%EOF\n"
        let isRegular = distance == 0 && suffix.isEmpty
        #expect(try overlooked(Self.table + update + trailer + end) == (isRegular ? [] : .previousOffset))
    }

    @Test(arguments: ["\n", "\r", "\r\n\r\n", "  \r\n", "\t\n"])
    func `entries may have another length than twenty bytes`(entryEnd: String) throws {
        let bytes = SamplePDF.onePage.table(entryEnd: entryEnd)
        #expect(try overlooked(String(decoding: bytes, as: UTF8.self)) == .entryLength)
    }

    @Test func `a table that begins with the free list at 1 counts from 0`() throws {
        let text = Self.table.replacingOccurrences(of: "xref\n0 4", with: "xref\n1 4")
        #expect(try overlooked(text) == .tableNumbering)
    }

    @Test func `in-use entries at offset 0 and objects beyond every section are null`() throws {
        var sample = SamplePDF.onePage
        sample.trailer = "/Info 99 0 R"
        let text = String(decoding: sample.table(), as: UTF8.self)
        let nulled = text.replacingOccurrences(of: "0000000000 65535 f", with: "0000000000 65535 n")
        let document = try PDFDocument(source: ArraySource(Array(nulled.utf8)))
        #expect(try document.object(PDFReference(number: 0, generation: 65_535)) == .null)
        #expect(try document.resolved(document.trailer["Info"]) == .null)
    }

    @Test func `of two subsections that name an object the first counts`() throws {
        let text = Self.table.replacingOccurrences(of: "trailer\n", with: "1 1\n0000000001 00000 n \ntrailer\n")
        #expect(try overlooked(text) == [])
    }

    @Test func `a trailer without /Root takes it from the section before`() throws {
        let bytes = Array(Self.table.utf8)
        let previous = try PDFDocument(source: ArraySource(bytes)).crossReferenceOffset
        let update = "xref\n0 0\ntrailer<</Size 4/Prev \(previous)>>\nstartxref\n\(bytes.count)\n%%EOF\n"
        #expect(try overlooked(Self.table + update) == .incompleteTrailer)
    }

    @Test func `a hybrid's hidden entries count where its table calls a number free, not where it places it`() throws {
        var sample = SamplePDF.onePage
        sample.objects += [
            "(seen)", "(hidden)",
            "<</Type/XRef/W[1 3 1]/Index[4 2]/Size 7/Filter/ASCIIHexDecode/Length 22>>\nstream\n01 AAAAAA 00 01 BBBBBB 00>\nendstream",
        ]
        func offset(_ text: String, _ number: Int) -> Int {
            text.utf8.distance(
                from: text.startIndex, to: text.range(of: "\(number) 0 obj")?.lowerBound ?? text.startIndex)
        }
        let draft = String(decoding: sample.table(), as: UTF8.self)
        sample.trailer = "/XRefStm \(offset(draft, 6))"
        let hidden = SamplePDF.hex(offset(draft, 5), 6)
        let text = String(decoding: sample.table(), as: UTF8.self)
            .replacingOccurrences(of: "AAAAAA", with: hidden).replacingOccurrences(of: "BBBBBB", with: hidden)
            .replacingOccurrences(of: "\(SamplePDF.padded(offset(draft, 5), 10)) 00000 n", with: "0000000000 65535 f")
        let document = try PDFDocument(source: ArraySource(Array(text.utf8)))
        #expect(try document.object(PDFReference(number: 4)) == .string(Array("seen".utf8)))
        #expect(try document.object(PDFReference(number: 5)) == .string(Array("hidden".utf8)))
    }

    // MARK: Objects

    @Test(arguments: [-20, -3, -1, 1, 2, 20])
    func `an object may begin a few bytes from where its entry says`(distance: Int) throws {
        let offset = Self.table.utf8.distance(
            from: Self.table.startIndex, to: Self.table.range(of: "3 0 obj")?.lowerBound ?? Self.table.startIndex)
        let text = Self.table.replacingOccurrences(
            of: SamplePDF.padded(offset, 10), with: SamplePDF.padded(offset + distance, 10))
        #expect(try overlooked(text).isSubset(of: .objectOffset))
    }

    @Test func `an entry that points to another object is damaged, and the message says where`() {
        let second = Self.table.utf8.distance(
            from: Self.table.startIndex, to: Self.table.range(of: "2 0 obj")?.lowerBound ?? Self.table.startIndex)
        let text = Self.table.replacingOccurrences(of: SamplePDF.padded(second, 10), with: "0000000200")
        #expect(refusal(text)?.code == .damaged)
        #expect(refusal(text)?.detail.contains("byte 200 of the file") == true)
    }

    @Test(arguments: ["\nendobj\n", "\nendobj"])
    func `a missing endobj is overlooked`(ending: String) throws {
        #expect(
            try overlooked(
                Self.table.replacingOccurrences(of: ending, with: String(repeating: " ", count: ending.utf8.count)))
                == [])
    }

    @Test func `an object without a value is null`() throws {
        var sample = SamplePDF.onePage
        sample.objects.append("")
        let document = try PDFDocument(source: ArraySource(sample.table()))
        #expect(try document.object(PDFReference(number: 4)) == .null)
    }

    @Test(arguments: [0, 3, 6, 9, 4_000, -1])
    func `a stream may be longer or shorter than it says`(length: Int) throws {
        for separator in ["\n", "\r\n", ""] {
            var sample = SamplePDF.onePage
            sample.objects.append("<</Length \(length)>>\nstream\nabcdef\(separator)endstream")
            let document = try PDFDocument(source: ArraySource(sample.table()))
            guard case .stream(let stream) = try document.object(PDFReference(number: 4)) else {
                Issue.record("no stream")
                return
            }
            #expect(try document.data(of: stream) == Array("abcdef".utf8))
            #expect(document.irregularities == (length == 6 ? [] : .streamLength))
        }
    }

    @Test func `a stream's /Length and filters may stand in other objects`() throws {
        var sample = SamplePDF.onePage
        sample.objects += [
            "<</Length 5 0 R/Filter[6 0 R/AHx]/DecodeParms 7 0 R>>\nstream\n3631 3632>\nendstream", "10",
            "/ASCIIHexDecode", "[null null]",
        ]
        let document = try PDFDocument(source: ArraySource(sample.table()))
        guard case .stream(let stream) = try document.object(PDFReference(number: 4)) else {
            Issue.record("no stream")
            return
        }
        #expect(try document.data(of: stream) == Array("ab".utf8))
    }

    @Test func `a stream that does not end is damaged`() throws {
        var sample = SamplePDF.onePage
        sample.objects.append("<</Length 5>>\nstream\nabcdef")
        let document = try PDFDocument(source: ArraySource(sample.table()))
        let stream = try document.object(PDFReference(number: 4))
        #expect { if case .stream(let stream) = stream { _ = try document.data(of: stream) } } throws: {
            ($0 as? PDFError)?.code == .damaged
        }
    }

    @Test func `an object at another index of its object stream is found by its number`() throws {
        let text = Self.streams.replacingOccurrences(of: "000004 0002", with: "000004 0000")
        #expect(try overlooked(text) == .objectIndex)
    }

    @Test func `object streams may extend others`() throws {
        let text = Self.streams.replacingOccurrences(of: "/Type/ObjStm/N", with: "/Type/ObjStm/Extends 9 0 R/N")
        #expect(try overlooked(Self.moved(text, by: 14)).isSubset(of: [.startOffset]))
    }

    // MARK: Pages

    @Test(arguments: [
        "[null 3 0 R]", "[99 0 R 3 0 R]", "[(no page) 3 0 R]", "[3 0 R 2 0 R]", "[<</Type/Page>>]",
        "[<</Kids[3 0 R]>>]",
    ])
    func `kids that are no pages are passed over, and direct ones are taken`(kids: String) throws {
        var sample = SamplePDF.onePage
        sample.objects[1] = "<</Type/Pages/Kids\(kids)/Count 1/MediaBox[0 0 400 300]>>"
        let document = try PDFDocument(source: ArraySource(sample.table()))
        #expect(try document.pageCount == 1)
        #expect(try document.page(at: 0).geometry.width == 400)
    }

    @Test func `a page tree that is a single page is taken as it is`() throws {
        var sample = SamplePDF.onePage
        sample.objects[0] = "<</Type/Catalog/Pages 3 0 R>>"
        #expect(try PDFDocument(source: ArraySource(sample.table())).pageCount == 1)
    }

    @Test func `a page is reached without reading what follows it`() throws {
        let sample = SamplePDF(objects: [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>", "<</Type/Page>>",
            "<</Type/Page/Rotate 90>>", "<</Type/Page/Broken ]>>",
        ])
        let document = try PDFDocument(source: ArraySource(sample.table()))
        #expect(try document.page(at: 1).geometry.rotation == 90)
        #expect(throws: PDFError.self) { try document.pages() }
    }
}
