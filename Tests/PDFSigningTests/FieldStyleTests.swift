// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing
import Typography

@testable import PDFSigning

struct FieldStyleTests {
    private func document(_ form: String = "", field: String) throws -> (PDFDocument, PDFDictionary) {
        let bytes = SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R]\(form)>>", page: "/Annots[4 0 R]/Rotate 90",
            objects: ["<</Type/Annot/Subtype/Widget/P 3 0 R/FT/Tx/T(a)/Rect[10 10 110 30]\(field)>>"])
        let document = try PDFDocument(source: ArraySource(bytes))
        return (document, try #require(try document.object(PDFReference(number: 4)).dictionaryValue))
    }

    private func style(_ form: String = "", field: String) throws -> FieldStyle {
        let (document, widget) = try document(form, field: field)
        return try FieldStyle(of: widget, in: document)
    }

    @Test func `a field says how its text looks, or takes it over from the form`() throws {
        let own = try style("/DA(/F 5 Tf)/Q 1", field: "/DA(1 0 0 rg /F 9.5 Tf)/Q 2")
        #expect((own.fontSize, own.color, own.alignment) == (9.5, "1 0 0 rg", .right))
        let inherited = try style("/DA(/F 5 Tf 0.5 g)/Q 1", field: "")
        #expect((inherited.fontSize, inherited.color, inherited.alignment) == (5, "0.5 g", .center))
    }

    @Test(arguments: [
        "/DA(Tf rg g k)", "/DA(/F -3 Tf)", "/DA(/F 1e9 Tf 2 3 4 rg)", "/DA(0 0 0 1 k /F x Tf)", "/DA 5/Q(left)/Ff(x)",
        "/Q 77/Ff 16777216/MaxLen 0", "/Ff 16777216/MaxLen 99999999", "/MK<</BG[1 2]/BC[]>>/BS<</W -1>>",
        "/MK<</BC[0]>>/BS<</W 1e30>>", "/MK 3/BS[]", "/MK<</R 45/BC[x]>>", "/Parent 4 0 R",
        "/MK<</R 36000000000000090>>",
    ])
    func `odd wishes are answered with the usual look`(field: String) async throws {
        let (document, widget) = try document(field: field)
        let style = try FieldStyle(of: widget, in: document)
        #expect(style.fontSize >= 0 && style.fontSize < 1000)
        var appearances = AppearanceWriter(document: document, fonts: .installed)
        var draft = RevisionDraft(of: document)
        let filling = FieldFilling(fields: try document.formFields())
        let value = FieldValue(name: "a", content: .text("Some text"))
        try filling.fill(value, with: &appearances, in: &draft)
        try appearances.finish(in: &draft.update)
        #expect(try !draft.finish().isEmpty)
    }

    @Test func `a signature follows its page where it says nothing, another field does not`() throws {
        let (document, widget) = try document(field: "")
        #expect(try WidgetFrame(of: widget, in: document, followsPage: true)?.rotation == 90)
        #expect(try WidgetFrame(of: widget, in: document, followsPage: false)?.rotation == 0)
        let (turned, own) = try self.document(field: "/MK<</R 180>>")
        #expect(try WidgetFrame(of: own, in: turned, followsPage: true)?.rotation == 180)
    }
}
