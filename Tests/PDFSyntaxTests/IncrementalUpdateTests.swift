// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

struct IncrementalUpdateTests {
    private func updated(_ bytes: [UInt8]) throws -> (bytes: [UInt8], document: PDFDocument) {
        let document = try PDFDocument(source: ArraySource(bytes))
        var update = IncrementalUpdate(of: document)
        let added = try update.newReference()
        update.write(.string([0x41]), at: added)
        var catalog = document.catalog
        catalog["Added"] = .reference(added)
        update.write(catalog, at: document.catalogReference)
        let result = bytes + (try update.finish())
        return (result, try PDFDocument(source: ArraySource(result)))
    }

    @Test(arguments: [CrossReferenceForm.table, .stream])
    func `an update has the form of the section before it and keeps the rest of the trailer`(
        form: CrossReferenceForm
    ) throws {
        var sample = SamplePDF.onePage
        sample.trailer = "/ID[<01><02>]/Info 3 0 R"
        let base = form == .table ? sample.table() : sample.streams()
        let before = try PDFDocument(source: ArraySource(base))
        let (_, document) = try updated(base)
        #expect(document.crossReferenceForm == form)
        #expect(document.trailer["Prev"] == .integer(before.crossReferenceOffset))
        #expect(document.trailer["Size"] == .integer(before.objectCount + (form == .table ? 1 : 2)))
        let identifier = try #require(document.trailer["ID"]?.arrayValue)
        #expect(identifier.count == 2 && identifier[0] == .string([1]) && identifier[1] != .string([2]))
        #expect(document.trailer["Info"] == .reference(PDFReference(number: 3)))
        #expect(try document.resolved(document.catalog["Added"]) == .string([0x41]))
        #expect(try document.pages().count == 1)
    }

    @Test func `an update of an update finds all three revisions`() throws {
        let once = try updated(SamplePDF.onePage.streams())
        let twice = try updated(once.bytes)
        #expect(twice.document.sectionOffsets.count == 3)
    }

    @Test func `a file without a final line end gets one before the update`() throws {
        var sample = SamplePDF.onePage
        sample.endsWithLineEnd = false
        let base = sample.table()
        let result = try updated(base).bytes
        #expect(result[base.count] == 0x0A)
        #expect(try updated(SamplePDF.onePage.table()).bytes[SamplePDF.onePage.table().count] != 0x0A)
    }

    @Test func `the hidden stream of a hybrid file is read, and is not copied into the update`() throws {
        var sample = SamplePDF.onePage
        sample.objects.append(
            "<</Type/XRef/W[1 3 2]/Index[9 1]/Size 10/Filter/ASCIIHexDecode/Length 14>>\nstream\n01 000009 0000\nendstream"
        )
        let text = String(decoding: sample.table(), as: UTF8.self)
        let hidden = try #require(text.range(of: "4 0 obj"))
        sample.trailer = "/XRefStm \(text.utf8.distance(from: text.startIndex, to: hidden.lowerBound))"
        let document = try PDFDocument(source: ArraySource(sample.table()))
        #expect(document.crossReferenceForm == .table)
        #expect(document.objectCount == 10)
        #expect(try updated(sample.table()).document.trailer["XRefStm"] == nil)
    }
}
