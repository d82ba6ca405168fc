// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax

@testable import PDFSigning

/// A form of another's making, and fields of our own, before and after filling.
enum FieldSample {
    /// Six foreign fields, each with wishes of its own.
    static func form() -> [UInt8] {
        let fields = [
            "/FT/Tx/T(blue)/Rect[10 120 120 138]/DA(/TiRo 10 Tf 0 0 1 rg)/Q 2/MK<</BC[0.5]/BG[0.9 0.95 1]>>",
            "/FT/Tx/T(wrapped)/Rect[10 60 120 114]/DA(/Helv 9 Tf 0 g)/Ff 4096/MK<</BC[0]>>/BS<</W 2>>",
            "/FT/Tx/T(comb)/Rect[130 120 230 138]/DA(/Helv 0 Tf 0 g)/Ff 16777216/MaxLen 8/MK<</BC[0.5]>>",
            "/FT/Tx/T(tilted)/Rect[212 60 230 114]/DA(/Helv 0 Tf 0 g)/MK<</R 90/BC[0.5]>>",
            "/FT/Tx/T(secret)/Rect[130 96 206 114]/DA(/Helv 0 Tf 0 g)/Ff 8192/MK<</BC[0.5]>>",
            "/FT/Btn/T(tick)/Rect[130 60 148 78]/AP<</N<</On 10 0 R/Off 11 0 R>>>>/AS/Off/MK<</BC[0.5]>>",
        ]
        let cross = "q 1 0 0 RG 3 3 m 15 15 l 3 15 m 15 3 l S Q"
        func form(_ content: String) -> String {
            "<</Type/XObject/Subtype/Form/BBox[0 0 18 18]/Resources<<>>/Length \(content.utf8.count)>>\nstream\n"
                + content + "\nendstream"
        }
        let widgets = fields.map { "<</Type/Annot/Subtype/Widget/F 4/P 3 0 R\($0)>>" }
        return SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R 5 0 R 6 0 R 7 0 R 8 0 R 9 0 R]/DA(/Helv 0 Tf 0 g)>>",
            page: "/MediaBox[0 0 240 150]/Annots[4 0 R 5 0 R 6 0 R 7 0 R 8 0 R 9 0 R]",
            objects: widgets + [form(cross), form("0.5 G 0 0 18 18 re S")])
    }

    static let values = [
        FieldValue(name: "blue", content: .text("Zürich, Łódź")),
        FieldValue(name: "wrapped", content: .text("A first line\nand a longer second one that has to be wrapped")),
        FieldValue(name: "comb", content: .text("2026ÄЖ")), FieldValue(name: "tilted", content: .text("tilted")),
        FieldValue(name: "secret", content: .text("hush")), FieldValue(name: "tick", content: .checked(true)),
        FieldValue(name: "own-text", content: .text("Имя: محمد")),
        FieldValue(name: "own-date", content: .text("2026-11-20")),
        FieldValue(name: "own-initials", content: .text("ŽM")), FieldValue(name: "own-tick", content: .checked(true)),
    ]

    static func prepared() throws -> [UInt8] {
        func field(_ name: String, _ kind: PreparedField.Kind, _ x: Double, _ width: Double) -> PreparedField {
            PreparedField(
                name: name, kind: kind, placement: .init(pageIndex: 0, x: x, y: 105, width: width, height: 16))
        }
        let base = form()
        let fields = [
            field("own-text", .text, 10, 80), field("own-date", .date, 95, 60),
            field("own-initials", .initials, 160, 30),
            field("own-tick", .checkbox, 200, 16), PreparedField(name: "s", kind: .signature, placement: nil),
        ]
        return base
            + (try DocumentPreparation.prepare(document: PDFDocument(source: ArraySource(base)), fields: fields))
    }

    static func filled() throws -> [UInt8] {
        let base = try prepared()
        let request = SignatureRequest(
            fieldName: "s", signerName: "x", reason: nil, signingTime: SigningFixture.time,
            appearance: SignatureAppearance(lines: ["not seen"]), values: values)
        return base
            + (try PreparedSignature.prepare(
                document: PDFDocument(source: ArraySource(base)), request: request,
                credential: SigningFixture.p256.get().credential
            ).update)
    }
}
