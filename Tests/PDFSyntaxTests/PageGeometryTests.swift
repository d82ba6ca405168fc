// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

struct PageGeometryTests {
    private static let cropBox = PDFRectangle(50, 40, 350, 290)

    @Test(arguments: [
        (0, PDFRectangle(60, 240, 160, 270)), (90, PDFRectangle(70, 50, 100, 150)),
        (180, PDFRectangle(240, 60, 340, 90)), (270, PDFRectangle(300, 180, 330, 280)),
        (-90, PDFRectangle(300, 180, 330, 280)), (450, PDFRectangle(70, 50, 100, 150)),
    ])
    func `API-04: a rectangle lands where it was put on the page as displayed`(
        rotation: Int, expected: PDFRectangle
    ) throws {
        let geometry = PageGeometry(cropBox: Self.cropBox, rotation: rotation)
        #expect(try geometry.userSpaceRectangle(x: 10, y: 20, width: 100, height: 30) == expected)
        #expect(geometry.width == (rotation % 180 == 0 ? 300 : 250))
    }

    @Test func `points are divided by the user unit`() throws {
        let geometry = PageGeometry(cropBox: PDFRectangle(0, 0, 100, 100), rotation: 0, userUnit: 2)
        #expect(geometry.width == 200)
        #expect(
            try geometry.userSpaceRectangle(x: 20, y: 0, width: 100, height: 50) == PDFRectangle(10, 75, 60, 100))
    }

    @Test(arguments: [
        (-1.0, 0.0, 10.0, 10.0), (0, -1, 10, 10), (295, 0, 10, 10), (0, 245, 10, 10), (0, 0, 0, 10), (0, 0, 10, -5),
        (.nan, 0, 10, 10), (0, 0, .infinity, 10),
    ])
    func `a field outside the page is refused with its code`(x: Double, y: Double, width: Double, height: Double) {
        let geometry = PageGeometry(cropBox: Self.cropBox, rotation: 0)
        #expect {
            try geometry.userSpaceRectangle(x: x, y: y, width: width, height: height)
        } throws: { ($0 as? PDFError)?.code == .fieldOutsidePage }
    }

    @Test func `boxes and rotation are inherited, and the crop box is cut to the media box`() throws {
        var sample = SamplePDF.onePage
        sample.objects[1] = "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[400 300 0 0]/Rotate 90>>"
        sample.objects[2] = "<</Type/Page/Parent 2 0 R/CropBox[-50 10 100 900]>>"
        let page = try PDFDocument(source: ArraySource(sample.table())).page(at: 0)
        #expect(page.geometry.cropBox == PDFRectangle(0, 10, 100, 300))
        #expect(page.geometry.rotation == 90)
        #expect(page.geometry.width == 290)
    }

    @Test func `pages are found in nested trees, and loops and wrong counts are passed over`() throws {
        let sample = SamplePDF(objects: [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 4 0 R 2 0 R]/Count 99/MediaBox[0 0 9 9]>>",
            "<</Type/Pages/Kids[5 0 R 3 0 R]/Count 7>>", "<</Type/Page/Rotate 180>>", "<</Type/Page>>",
        ])
        let document = try PDFDocument(source: ArraySource(sample.table()))
        #expect(try document.pages().map(\.reference?.number) == [5, 4])
        #expect(try document.page(at: 1).geometry.rotation == 180)
        #expect { try document.page(at: 2) } throws: { ($0 as? PDFError)?.code == .fieldOutsidePage }
        #expect { try document.page(at: -1) } throws: { ($0 as? PDFError)?.code == .fieldOutsidePage }
    }

    @Test func `a page tree without end is too complex`() throws {
        var objects = ["<</Type/Catalog/Pages 2 0 R>>"]
        for number in 2..<500 { objects.append("<</Type/Pages/Kids[\(number + 1) 0 R]/Count 1>>") }
        objects.append("<</Type/Page>>")
        let document = try PDFDocument(source: ArraySource(SamplePDF(objects: objects).table()))
        #expect { try document.pages() } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }
}
