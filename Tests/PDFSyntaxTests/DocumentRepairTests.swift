// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

struct DocumentRepairTests {
    private func repaired(_ bytes: [UInt8], limits: PDFLimits = .default) throws(PDFError) -> [UInt8] {
        let source = try DocumentRepair.repair(source: ArraySource(bytes), limits: limits).source
        do {
            return try source.bytes(in: 0..<source.size)
        } catch {
            throw PDFError(.sourceUnreadable, "\(error)")
        }
    }

    private func refusal(_ bytes: [UInt8], limits: PDFLimits = .default) -> PDFError? {
        do {
            _ = try repaired(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func replacing(_ bytes: [UInt8], _ text: String, _ replacement: String) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).replacing(text, with: replacement).utf8)
    }

    private func content(_ bytes: [UInt8]) throws -> String {
        let document = try PDFDocument(source: ArraySource(bytes))
        guard case .stream(let stream) = try document.resolved(document.page(at: 0).dictionary["Contents"]) else {
            return ""
        }
        return String(decoding: try document.data(of: stream), as: UTF8.self)
    }

    /// A page whose content stream states a length.
    private func sample(length: String = "12", more: [String] = []) -> SamplePDF {
        var sample = SamplePDF.onePage
        sample.objects[2] = "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>"
        sample.objects.append("<</Length \(length)>>\nstream\nq 1 0 0 1 Q \nendstream")
        sample.objects += more
        return sample
    }

    // MARK: What is repaired

    @Test func `wrong offsets, a missing end and wrong lengths are repaired, and the record says so`() throws {
        let whole = sample().table()
        let cut = Array(whole.prefix(upTo: whole.count - 60))
        for (bytes, note) in [
            (replacing(whole, "startxref\n", "startxref\n9"), "could not be read"),
            (replacing(cut, "xref", "xrex"), "end of the file"),
            (replacing(sample(length: "400").table(), "startxref\n", "startxref\n7"), "length of stream 4"),
            (replacing(sample(length: "3").table(), "startxref\n", "startxref\n7"), "length of stream 4"),
            (replacing(sample(length: "9 0 R").table(), "startxref\n", "startxref\n7"), "length of stream 4"),
            (Array("junk".utf8) + replacing(whole, "startxref\n", "startxref\n7"), "bytes before the header"),
        ] {
            let repair = try DocumentRepair.repair(source: ArraySource(bytes))
            #expect(repair.notes.contains { $0.contains(note) }, "\(repair.notes)")
            #expect(try content(repaired(bytes)) == "q 1 0 0 1 Q ")
            #expect(try repaired(bytes) == repaired(bytes))
        }
    }

    @Test func `objects of object streams are found, and the later definition of a number counts`() throws {
        let old = replacing(SamplePDF.onePage.streams(), "startxref\n", "startxref\n9")
        #expect(try PDFDocument(source: ArraySource(repaired(old))).pageCount == 1)
        let update = "3 0 obj\n<</Type/Page/Parent 2 0 R/Rotate 90>>\nendobj\n%%EOF\n"
        for end in [old, Array(old.dropLast())] {
            let page = try PDFDocument(source: ArraySource(repaired(end + Array(update.utf8)))).page(at: 0)
            #expect(page.geometry.rotation == 90)
        }
    }

    @Test func `a file inside of a stream is not taken for the document`() throws {
        let inner = String(decoding: SamplePDF.onePage.table(), as: UTF8.self)
            .replacing("/Type/Page/", with: "/Type/Page/Rotate 180/")
        for length in ["\(inner.utf8.count)", "6 0 R"] {
            let stream = "<</Type/EmbeddedFile/Length \(length)>>\nstream\n\(inner)\nendstream"
            var outer = sample(more: [stream, "\(inner.utf8.count)"])
            outer.objects[0] = "<</Type/Catalog/Pages 2 0 R/File 5 0 R>>"
            let bytes = replacing(outer.table(), "startxref\n", "startxref\n9")
            let page = try PDFDocument(source: ArraySource(repaired(bytes))).page(at: 0)
            #expect(page.geometry.rotation == 0)
        }
    }

    @Test func `a catalog that no trailer names is found, and made anew around the only page tree`() throws {
        let headless = replacing(sample().table(), "/Root 1 0 R", "")
        #expect(try content(repaired(headless)) == "q 1 0 0 1 Q ")
        let treeOnly = replacing(headless, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj", "")
        #expect(try content(repaired(treeOnly)) == "q 1 0 0 1 Q ")
        let twoTrees = replacing(treeOnly, "xref\n0", "7 0 obj<</Type/Pages/Kids[]/Count 0>>endobj xref\n0")
        #expect(refusal(twoTrees)?.code == .damaged)
    }

    @Test func `numbers are dense, and what the document does not use is left out`() throws {
        var sample = sample(more: ["(nobody needs this)"])
        sample.trailer = "/Info 3 0 R/ID[<0102><03>]"
        let bytes = replacing(sample.table(), "startxref\n", "startxref\n9")
        let result = try repaired(bytes)
        let document = try PDFDocument(source: ArraySource(result))
        #expect(document.objectCount == 5)
        #expect(!String(decoding: result, as: UTF8.self).contains("nobody"))
        #expect(document.trailer["ID"]?.arrayValue?.first == .string([1, 2]))
        #expect(document.trailer["ID"]?.arrayValue?.last?.stringValue?.count == 16)
    }

    @Test func `metadata that is no text is left out, and said to be a reason to write a readable file anew`() throws {
        var sample = sample()
        sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>"
        sample.objects.append("<</Type/Metadata/Subtype/XML/Length 4>>\nstream\nabcd\nendstream")
        #expect(try DocumentRepair.reason(for: PDFDocument(source: ArraySource(sample.table()))) == nil)
        var bytes = sample.table()
        bytes[try #require(bytes.firstRange(of: Array("abcd".utf8))).lowerBound] = 0xEF
        #expect(try DocumentRepair.reason(for: PDFDocument(source: ArraySource(bytes))) != nil)
        let document = try PDFDocument(source: ArraySource(repaired(bytes)))
        #expect(document.catalog["Metadata"] == nil)
        #expect(document.objectCount == 5)
    }

    @Test func `an object that is not where the cross-reference says is a reason to write the file anew`() throws {
        let bytes = replacing(sample().table(), "3 0 obj", "junk 3 0 obj")
        let document = try PDFDocument(source: ArraySource(bytes))
        _ = try document.checkSignable()
        #expect(try DocumentRepair.reason(for: document) != nil)
    }

    // MARK: What is refused

    @Test func `a signed file is never repaired, wherever the signature shows`() {
        for object in [
            "<</Type/Sig/Contents<00>>>", "<</ByteRange[0 1 2 3]>>", "<</A[<</FT/Sig/V 9 0 R>>]>>",
            "<</Type/DocTimeStamp>>", "<</A/B ((( /ByteRange [0 1",
        ] {
            let bytes = replacing(sample(more: [object]).table(), "startxref\n", "startxref\n9")
            #expect(refusal(bytes)?.detail.contains("signature") == true, "\(object)")
        }
        var certified = sample()
        certified.objects[0] = "<</Type/Catalog/Pages 2 0 R/DSS<<>>>>"
        #expect(refusal(certified.table())?.detail.contains("signature") == true)
    }

    @Test func `an encrypted file that is damaged is refused as encrypted`() {
        var encrypted = sample(more: ["<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"])
        #expect(refusal(replacing(encrypted.table(), "startxref\n", "startxref\n9"))?.code == .encrypted)
        encrypted = sample()
        encrypted.trailer = "/Encrypt 9 0 R"
        #expect(refusal(replacing(encrypted.table(), "startxref\n", "startxref\n9"))?.code == .encrypted)
    }

    @Test func `what would differ from what other readers show is refused with what is missing`() {
        func refusal(_ change: (inout SamplePDF) -> Void, _ replacements: (String, String)...) -> String {
            var sample = sample()
            change(&sample)
            var bytes = replacing(sample.table(), "startxref\n", "startxref\n9")
            for (text, replacement) in replacements { bytes = replacing(bytes, text, replacement) }
            return self.refusal(bytes)?.detail ?? "repaired"
        }
        #expect(refusal({ $0.objects[2] = "<</Type/Page/Contents 9 0 R>>" }).contains("content of page 1"))
        #expect(refusal({ $0.objects[1] = "<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>" }).contains("Page 2"))
        #expect(refusal({ $0.objects[1] = "<</Type/Pages/Kids[]/Count 0>>" }).contains("no pages"))
        #expect(refusal({ $0.objects[1] = "<</Type/Pages/Kids[2 0 R]/Count 0>>" }).contains("no pages"))
        #expect(refusal({ $0.objects[0] = "<</Type/Catalog>>" }).contains("page tree"))
        #expect(
            refusal({ $0.objects[2] = "<</Type/Page/Contents 4 0 R/Resources<</Font<</F 9 0 R>>>>>>" })
                .contains("font of page 1"))
        #expect(refusal({ _ in }, ("endstream\nendobj", ""), ("%%EOF", "")).contains("ends inside object 4"))
        #expect(
            refusal(
                { $0.objects[2] = "<</Type/Page/Contents 4 0 R/Annots[9 0 R]>>" }, ("trailer", "trailor"),
                ("%%EOF", "")
            ).contains("catalog") == false)
        #expect(refusal({ $0.objects[3] = "<</Length 12>stream" }).contains("Object 4"))
    }

    @Test func `a file that is cut inside an update is not taken back to the version before it`() {
        let update = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R/Rotate 90>>\nendobj\n"
        #expect(refusal(sample().table() + Array(update.utf8))?.code == .truncated)
        #expect(refusal(sample().table() + Array("\(update)trailer<</Root 1 0 R>>".utf8)) == nil)
        let tree = replacing(sample().table(), "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj", "")
        #expect(refusal(Array(tree[..<(tree.firstRange(of: Array("xref".utf8))?.lowerBound ?? 0)]))?.code == .damaged)
    }

    @Test func `limits hold, and a file made to be read again and again is refused`() {
        var limits = PDFLimits()
        limits.maximumObjects = 3
        #expect(refusal(replacing(sample().table(), "startxref\n", "startxref\n9"), limits: limits) != nil)
        let openings = Array(String(repeating: "1 0 obj(", count: 40_000).utf8)
        #expect(refusal(Array("%PDF-1.4\n".utf8) + openings)?.code == .tooComplex)
        let comments = Array(String(repeating: "1 0 obj<<>>%", count: 40_000).utf8)
        #expect(refusal(Array("%PDF-1.4\n".utf8) + comments)?.code == .tooComplex)
        let nested = Array(("1 0 obj" + String(repeating: "[", count: 10_000)).utf8)
        #expect(refusal(Array("%PDF-1.4\n".utf8) + nested)?.code == .damaged)
    }

    @Test func `random changes and cuts end in a document or a refusal`() {
        var generator = SeededGenerator(seed: 7)
        let words = ["obj", "endobj", "stream", "endstream", "trailer", "<<", ">>", "4 0 R", "/Length", "%%EOF", "("]
        for base in [sample().table(), sample().streams()] {
            for _ in 0..<400 {
                var bytes = base
                for _ in 0..<Int.random(in: 1...8, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.removeSubrange(place..<min(place + 9, bytes.count))
                    case 2: bytes.insert(contentsOf: words.randomElement(using: &generator)?.utf8 ?? "".utf8, at: place)
                    default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<40, using: &generator)))
                    }
                }
                guard let result = try? repaired(bytes) else { continue }
                #expect((try? PDFDocument(source: ArraySource(result)).checkSignable()) != nil)
            }
        }
    }
}
