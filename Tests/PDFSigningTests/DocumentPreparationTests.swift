// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSigning
import PDFSyntax
import Testing

struct DocumentPreparationTests {
    private func open(_ bytes: [UInt8]) throws -> PDFDocument { try PDFDocument(source: ArraySource(bytes)) }

    private func prepare(_ bytes: [UInt8], _ fields: [PreparedField]) throws -> PDFDocument {
        try open(bytes + DocumentPreparation.prepare(document: open(bytes), fields: fields))
    }

    private let signature = PreparedField(name: "s", kind: .signature, placement: nil)

    private func code(_ bytes: [UInt8], _ fields: [PreparedField]) -> PDFError.Code? {
        do {
            _ = try prepare(bytes, fields)
            return nil
        } catch {
            return (error as? PDFError)?.code
        }
    }

    @Test func `SIG-03: the prepared version holds one open signature field for each signer`() throws {
        let document = try open(SampleDocument.prepared())
        let fields = try document.signatureFields()
        #expect(fields.map(\.name) == ["first", "second"])
        #expect(!fields.contains { $0.isSigned })
        #expect(try document.formFields().count == 5)
        #expect(try document.interactiveForm()?.dictionary["SigFlags"] == .integer(3))
        #expect(try document.resolved(document.page(at: 0).dictionary["Annots"]).arrayValue?.count == 5)
    }

    @Test func `fields are printed, locked, named for assistive technology and lie where they were put`() throws {
        let document = try open(SampleDocument.prepared())
        let text = try #require(try document.formField("first-text")).dictionary
        #expect(text["F"] == .integer(132))
        #expect(text["TU"] == .string(Array("Place".utf8)))
        #expect(try document.rectangle(text["Rect"]) == PDFRectangle(20, 216, 200, 230))
        let invisible = try #require(try document.formField("second")).dictionary
        #expect(invisible["Rect"] == .array(Array(repeating: .integer(0), count: 4)))
        #expect(invisible["AP"] != nil)
    }

    @Test func `a form and annotations that stand in objects of their own are added to in place`() throws {
        let base = SampleDocument.onePage(
            catalog: "/AcroForm 4 0 R", page: "/Annots 6 0 R",
            objects: [
                "<</Fields 5 0 R/SigFlags 0/DR<</Font<</Helv 8 0 R>>>>/Extra 1>>", "[7 0 R]", "[7 0 R]",
                "<</FT/Tx/T(old)/Rect[0 0 1 1]/Subtype/Widget>>", "<</Type/Font>>",
            ])
        let document = try prepare(base, [signature])
        #expect(try document.formFields().map(\.name) == ["old", "s"])
        let form = try #require(try document.interactiveForm())
        #expect(form.reference == PDFReference(number: 4))
        #expect(form.fieldsReference == PDFReference(number: 5))
        #expect(form.dictionary["Extra"] == .integer(1))
        #expect(form.dictionary["SigFlags"] == .integer(3))
        #expect(try document.object(PDFReference(number: 6)).arrayValue?.count == 2)
        #expect(document.catalog["AcroForm"] == .reference(PDFReference(number: 4)))
    }

    @Test func `annotations inside the array become objects before the first signature, and stay as they are later`()
        async throws
    {
        let link = "<</Type/Annot/Subtype/Link/Rect[1 2 3 4]/Contents(a)>>"
        let base = SampleDocument.onePage(page: "/Annots[\(link) null 4 0 R]", objects: [link])
        let document = try prepare(base, [signature])
        let annotations = try #require(try document.page(at: 0).dictionary["Annots"]?.arrayValue)
        #expect(annotations.count == 3)
        for annotation in annotations { #expect(annotation.referenceValue != nil) }
        let moved = try #require(try document.resolved(annotations[0]).dictionaryValue)
        #expect(try document.rectangle(moved["Rect"]) == PDFRectangle(1, 2, 3, 4))
        #expect(moved["Contents"] == .string([0x61]))
        let signed = SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R]>>", page: "/Annots[\(link)]",
            objects: ["<</FT/Sig/T(old)/V<</Type/Sig>>>>"])
        let later = try prepare(signed, [PreparedField(name: "s", kind: .signature, placement: nil)])
        #expect(try later.page(at: 0).dictionary["Annots"]?.arrayValue?.first?.dictionaryValue != nil)
    }

    @Test func `two pages that share one array of annotations each get their own fields`() throws {
        let base = SampleDocument.onePage(
            page: "/Annots 5 0 R", objects: ["<</Type/Page/Parent 2 0 R/Annots 5 0 R>>", "[]"], kids: "3 0 R 4 0 R")
        func field(_ page: Int) -> PreparedField {
            let place = PreparedField.Placement(pageIndex: page, x: 9, y: 9, width: 90, height: 20)
            return PreparedField(name: "s\(page)", kind: .signature, placement: place)
        }
        let document = try prepare(base, [field(0), field(1)])
        for (index, page) in try document.pages().enumerated() {
            let field = try #require(try document.formField("s\(index)")).reference
            let annotations = try document.resolved(page.dictionary["Annots"]).arrayValue
            #expect(annotations?.contains(.reference(field)) == true)
        }
    }

    @Test func `a form that stands in the catalog stays there`() throws {
        let base = SampleDocument.onePage(catalog: "/AcroForm<</Fields[]>>")
        let document = try prepare(base, [signature])
        #expect(try document.interactiveForm()?.reference == nil)
        #expect(try document.signatureFields().count == 1)
    }

    @Test func `a form that is also the document information becomes an object of its own`() throws {
        let base = SampleDocument.onePage(
            catalog: "/AcroForm 4 0 R", objects: ["<</Fields[]/Producer(x)>>"], trailer: "/Info 4 0 R")
        let document = try prepare(base, [signature])
        #expect(try document.interactiveForm()?.reference != PDFReference(number: 4))
        #expect(try document.signatureFields().count == 1)
        #expect(try document.object(PDFReference(number: 4)).dictionaryValue?["Fields"] == .array([]))
    }

    @Test func `names that are taken, doubled or unusable are refused`() throws {
        let once = try SampleDocument.prepared()
        for name in ["first", "", "a.b"] {
            #expect(code(once, [PreparedField(name: name, kind: .signature, placement: nil)]) == .fieldNameTaken)
        }
        #expect(code(SampleDocument.onePage(), [signature, signature]) == .fieldNameTaken)
    }

    @Test func `a field outside its page, or on no page, is refused`() {
        for (page, x) in [(0, 300.0), (1, 10), (-1, 10)] {
            let place = PreparedField.Placement(pageIndex: page, x: x, y: 10, width: 150, height: 40)
            #expect(
                code(SampleDocument.onePage(), [PreparedField(name: "s", kind: .signature, placement: place)])
                    == .fieldOutsidePage)
        }
        #expect(
            code(SampleDocument.onePage(), [PreparedField(name: "t", kind: .text, placement: nil)]) == .fieldOutsidePage
        )
    }

    @Test func `a signed document takes further signatures but no other fields`() async throws {
        let signed = try await SampleDocument.signed(SigningFixture.p256.get())
        #expect(code(signed, [signature]) == nil)
        let place = PreparedField.Placement(pageIndex: 0, x: 10, y: 10, width: 50, height: 10)
        #expect(code(signed, [PreparedField(name: "t", kind: .text, placement: place)]) == .unsupported)
    }

    @Test func `the same request gives the same bytes`() throws {
        #expect(try SampleDocument.prepared() == SampleDocument.prepared())
    }
}
