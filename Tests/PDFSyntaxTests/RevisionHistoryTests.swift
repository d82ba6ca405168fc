// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

struct RevisionHistoryTests {
    private func updated(_ bytes: [UInt8]) throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(bytes))
        var update = IncrementalUpdate(of: document)
        update.write(document.catalog, at: document.catalogReference)
        return bytes + (try update.finish())
    }

    private func history(_ bytes: [UInt8]) throws -> RevisionHistory {
        try PDFDocument(source: ArraySource(bytes)).revisionHistory()
    }

    @Test(arguments: [CrossReferenceForm.table, .stream])
    func `each revision is listed with its end and what it defines`(form: CrossReferenceForm) throws {
        let first = form == .table ? SamplePDF.onePage.table() : SamplePDF.onePage.streams()
        let second = try updated(first)
        let third = try updated(second)
        let revisions = try history(third).revisions
        #expect(revisions.map(\.end) == [third.count, second.count, first.count])
        #expect(revisions.allSatisfy { $0.sections.count == 1 && $0.sections[0].form == form })
        let numbers = try revisions.map { try $0.sections[0].entries().map(\.number) }
        #expect(numbers == (form == .table ? [[1], [1], [0, 1, 2, 3]] : [[1, 7], [1, 6], [0, 1, 2, 3, 4, 5]]))
        #expect(try revisions[0].sections[0].entries()[0].entry == .atOffset(second.count, generation: 0))
    }

    @Test func `a section whose startxref names nothing belongs to the revision after it`() throws {
        let first = SamplePDF.onePage.table()
        let text = String(decoding: first, as: UTF8.self).replacing("startxref\n1", with: "startxref\n2")
        let section = String(decoding: first, as: UTF8.self).utf8.firstRange(of: "xref\n0".utf8)
        let start = try #require(section).lowerBound
        let offset = text.utf8.distance(from: text.startIndex, to: start)
        let second = "xref\n0 0\ntrailer\n<</Size 4/Root 1 0 R/Prev \(offset)>>\nstartxref\n\(text.utf8.count)\n%%EOF"
        let revisions = try history(Array((text + second).utf8)).revisions
        #expect(revisions.map(\.end) == [text.utf8.count + second.utf8.count])
    }

    @Test func `the sections of a linearised file, or of a table and the stream before it, are one revision`() throws {
        let first = "%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R/Prev 171>>\n"
        let body = first + "startxref\n0\n%%EOF\n1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<</Kids[]>>endobj\n"
        #expect(body.utf8.count == 151)
        let padded = body + String(repeating: " ", count: 20)
        let table = "xref\n1 2\n0000000100 00000 n \n0000000125 00000 n \ntrailer\n<</Size 3>>\nstartxref\n9\n%%EOF\n"
        let revisions = try history(Array((padded + table).utf8)).revisions
        #expect(revisions.map(\.end) == [(padded + table).utf8.count])
        #expect(revisions.map { $0.sections.map(\.offset) } == [[9, 171]])
    }

    @Test func `duplicates in a section are listed both, and hidden entries as hidden`() throws {
        var sample = SamplePDF.onePage
        sample.objects.append(
            "<</Type/XRef/W[1 3 2]/Index[9 1]/Size 10/Filter/ASCIIHexDecode/Length 14>>\nstream\n01 000009 0000\nendstream"
        )
        let text = String(decoding: sample.table(), as: UTF8.self)
        let hidden = try #require(text.utf8.firstRange(of: "4 0 obj".utf8))
        sample.trailer = "/XRefStm \(text.utf8.distance(from: text.startIndex, to: hidden.lowerBound))"
        let twice = String(decoding: sample.table(), as: UTF8.self)
            .replacing("trailer\n", with: "2 1\n0000000009 00000 n \ntrailer\n")
        let entries = try #require(try history(Array(twice.utf8)).revisions.first?.sections.first).entries()
        #expect(entries.map(\.number) == [0, 1, 2, 3, 4, 2, 9])
        #expect(entries.map(\.isHidden) == [false, false, false, false, false, false, true])
        #expect(entries[5].entry == .atOffset(9, generation: 0))
    }
}
