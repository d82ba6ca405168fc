// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

struct InteractiveFormTests {
    private func document(_ form: String, _ objects: [String] = []) throws -> PDFDocument {
        var sample = SamplePDF.onePage
        sample.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm \(form)>>"
        sample.objects += objects
        return try PDFDocument(source: ArraySource(sample.table()))
    }

    @Test func `fields are listed with full names and inherited types, widgets are not`() throws {
        let fields = try document(
            "<</Fields[4 0 R]>>",
            ["<</T(a)/FT/Sig/Kids[5 0 R 6 0 R]>>", "<</T(b)/Kids[7 0 R]>>", "<</T<FEFF00E9>/FT/Tx>>", "<</Rect[]>>"]
        ).formFields()
        #expect(fields.map(\.name) == ["a", "a.b", "a.é"])
        #expect(fields.map(\.type) == ["Sig", "Sig", "Tx"])
    }

    @Test(arguments: [
        "null", "[1 2]", "99 0 R", "<</Fields 7>>", "<</Fields<<>>>>", "<</Fields[null 99 0 R(x)]>>", "<<>>",
    ])
    func `what is no form and no field is passed over`(form: String) throws {
        #expect(try document(form).formFields().isEmpty)
    }

    @Test func `an array of fields is written where it stands, what is none is not`() throws {
        #expect(try document("<</Fields 4 0 R>>", ["[]"]).interactiveForm()?.fieldsReference?.number == 4)
        #expect(try document("<</Fields 4 0 R>>", ["(x)"]).interactiveForm()?.fieldsReference == nil)
    }

    @Test func `a field inside the array itself is damaged`() throws {
        let document = try document("<</Fields[<</T(a)>>]>>")
        #expect { try document.formFields() } throws: { ($0 as? PDFError)?.code == .damaged }
    }

    @Test(arguments: ["[4 0 R]", "[5 0 R 5 0 R]"])
    func `fields that lead back into themselves are each listed once`(kids: String) throws {
        let fields = try document("<</Fields[4 0 R 4 0 R]>>", ["<</T(a)/Kids\(kids)>>", "<</T(b)/Kids[4 0 R]>>"])
            .formFields()
        #expect(fields.map(\.name) == (kids == "[4 0 R]" ? ["a"] : ["a", "a.b"]))
    }

    @Test func `more fields than allowed, and deeper ones, are too complex`() throws {
        let many = try document("<</Fields[\(String(repeating: "2 0 R ", count: 20_001))]>>")
        #expect { try many.formFields() } throws: { ($0 as? PDFError)?.code == .tooComplex }
        let deep = try document("<</Fields[4 0 R]>>", (5..<205).map { "<</T(a)/Kids[\($0) 0 R]>>" } + ["<</T(a)>>"])
        #expect { try deep.formFields() } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }
}
