// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

struct PDFDocumentTests {
    private func open(_ bytes: [UInt8], limits: PDFLimits = .default) throws -> PDFDocument {
        let document = try PDFDocument(source: ArraySource(bytes), limits: limits)
        try document.checkSignable()
        return document
    }

    private func code(_ bytes: [UInt8], limits: PDFLimits = .default) -> PDFError.Code? {
        do {
            _ = try open(bytes, limits: limits)
            return nil
        } catch {
            return (error as? PDFError)?.code
        }
    }

    @Test(arguments: [" \n", "\r\n", "\n", "\n\n\n"])
    func `tables are read, also with entries of another length than twenty bytes`(entryEnd: String) throws {
        let document = try open(SamplePDF.onePage.table(entryEnd: entryEnd))
        #expect(document.crossReferenceForm == .table)
        #expect(document.objectCount == 4)
        #expect(try document.pageCount == 1)
    }

    @Test func `cross-reference streams and object streams are read`() throws {
        let document = try open(SamplePDF.onePage.streams())
        #expect(document.crossReferenceForm == .stream)
        #expect(document.objectCount == 6)
        #expect(try document.page(at: 0).geometry.width == 400)
    }

    @Test func `a large file is read piece by piece with the same result`() throws {
        var sample = SamplePDF.onePage
        sample.objects.append("<</Length 200000>>\nstream\n\(String(repeating: "x", count: 200_000))\nendstream")
        sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/Long(\(String(repeating: "y", count: 70_000)))>>"
        let document = try open(sample.table())
        #expect(document.catalog["Long"]?.stringValue?.count == 70_000)
        #expect(try document.pages().count == 1)
    }

    @Test func `what is no PDF, cut short, encrypted or damaged is refused with its own code`() {
        var encrypted = SamplePDF.onePage
        encrypted.trailer = "/Encrypt<</Filter/Other/V 1/R 2>>"
        var rootless = SamplePDF.onePage
        rootless.root = 7
        let whole = SamplePDF.onePage.table()
        #expect(code([]) == .notAPDF)
        #expect(code(Array("GIF89a".utf8)) == .notAPDF)
        #expect(code(Array(whole.dropLast(3))) == .truncated)
        #expect(code(encrypted.table()) == .encrypted)
        #expect(code(encrypted.streams()) == .encrypted)
        #expect(code(rootless.table()) == .damaged)
        #expect(code(Array("%PDF-1.4\nstartxref\n99999\n%%EOF\n".utf8)) == .damaged)
        #expect(code(Array("%PDF-1.4\nstartxref\n99999999999999999999999\n%%EOF\n".utf8)) == .truncated)
    }

    @Test func `sections that lead to one another in a circle are refused`() {
        var sample = SamplePDF.onePage
        sample.trailer = "/Prev 9"
        #expect(code(sample.table()) == .damaged)
        let text = String(decoding: SamplePDF.onePage.table(), as: UTF8.self)
        let start = text.split(separator: "startxref\n")[1].prefix { $0.isNumber }
        sample.trailer = "/Prev \(start)"
        #expect(code(sample.table()) == .damaged)
    }

    @Test func `limits end in too complex`() {
        var limits = PDFLimits.default
        limits.maximumFileBytes = 100
        #expect(code(SamplePDF.onePage.table(), limits: limits) == .tooComplex)
        limits = .default
        limits.maximumObjects = 2
        #expect(code(SamplePDF.onePage.table(), limits: limits) == .tooComplex)
        limits = .default
        limits.maximumPages = 0
        #expect(code(SamplePDF.onePage.table(), limits: limits) == .tooComplex)
        var bomb = SamplePDF.onePage
        bomb.objects[2] = String(repeating: "[", count: 100_000)
        #expect(code(bomb.table()) == .tooComplex)
    }

    @Test func `a reference of another generation or to a free number is null`() throws {
        let document = try open(SamplePDF.onePage.table())
        #expect(try document.object(PDFReference(number: 2, generation: 1)) == .null)
        #expect(try document.object(PDFReference(number: 77)) == .null)
    }

    @Test func `references in a circle are refused`() throws {
        var sample = SamplePDF.onePage
        sample.objects += ["5 0 R", "4 0 R"]
        let document = try open(sample.table())
        #expect { try document.resolved(.reference(PDFReference(number: 4))) } throws: {
            ($0 as? PDFError)?.code == .damaged
        }
    }

    @Test func `a file cut at any byte is refused`() {
        for whole in [SamplePDF.onePage.table(), SamplePDF.onePage.streams()] {
            for end in 0..<(whole.count - 1) { #expect(code(Array(whole[..<end])) != nil, "cut at \(end)") }
        }
    }

    @Test func `random and mutated bytes end in a document or a refusal`() {
        var generator = SeededGenerator(seed: 2)
        for whole in [SamplePDF.onePage.table(), SamplePDF.onePage.streams()] {
            for _ in 0..<3_000 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = code(bytes)
            }
        }
    }

    @Test func `certified against change, or a locked form: no field can be added`() {
        for transform in [
            "/TransformMethod/DocMDP/TransformParams<</P 1>>",
            "/TransformMethod/FieldMDP/TransformParams<</Action/All>>",
        ] {
            var sample = SamplePDF.onePage
            sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"
            sample.objects += ["<</FT/Sig/T(s)/V 5 0 R>>", "<</Type/Sig/Reference[<<\(transform)>>]>>"]
            #expect(code(sample.table()) == .unsupported)
        }
    }
}
