// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing
import Typography

@testable import PDFSigning

/// A page with a visible signature, as reference pictures show it.
struct AppearanceSample: Sendable, CustomTestStringConvertible {
    let name: String
    var page = AppearancePage()
    var lines: [String] = []
    /// A file of the fixtures.
    var image: String?
    /// The same as bytes.
    var file: [UInt8]?
    var hasStrokes = false
    var fonts = FontLibrary.installed
    /// x, y, width and height as displayed.
    var place = [10.0, 14, 200, 52]

    var testDescription: String { name }

    static let all: [AppearanceSample] = {
        let latin = english("Zoë Müller-Ångström", "Señor Łukasz & Co.")
        var samples = [
            AppearanceSample(name: "latin", lines: latin),
            AppearanceSample(name: "cyrillic", lines: english("Мария Ковалёва", "ООО «Пример»")),
            AppearanceSample(name: "greek", lines: english("Ελένη Παπαδοπούλου", "Παράδειγμα Α.Ε.")),
            AppearanceSample(
                name: "arabic",
                lines: ["وقّعه محمد الشريف (2026)", "شركة المثال للتجارة", english("محمد الشريف", "مثال")[0]]),
            AppearanceSample(name: "chinese", lines: english("王小明", "示例有限公司") + ["本人已阅读并同意签署"]),
            AppearanceSample(name: "hebrew", lines: ["נחתם על ידי שרה לוי", english("שרה לוי", "דוגמה")[0]]),
            AppearanceSample(name: "devanagari", lines: english("श्रीमती प्रिया शर्मा", "उदाहरण")),
            AppearanceSample(name: "thai", lines: english("สมชาย ใจดี", "บริษัท ตัวอย่าง")),
            AppearanceSample(name: "image-alpha", lines: latin, image: "ink.png"),
            AppearanceSample(name: "image-jpeg", lines: latin, image: "photo.jpg"),
            AppearanceSample(name: "image-turned", lines: latin, image: "turned.jpg"),
            AppearanceSample(name: "image-four-inks", lines: latin, image: "four-inks.jpg"),
            AppearanceSample(name: "image-above", lines: latin, image: "ink.png", place: [10, 8, 80, 66]),
            AppearanceSample(name: "image-alone", image: "ink.png"),
            AppearanceSample(name: "strokes", lines: latin, hasStrokes: true),
            AppearanceSample(name: "small", lines: latin, place: [10, 14, 40, 15]),
            AppearanceSample(
                name: "long",
                lines: english(
                    "Maria Magdalena Wilhelmina Adelgunde von und zu Hohenlohe-Waldenburg-Schillingsfürst", "X"),
                place: [10, 14, 120, 30]),
            AppearanceSample(
                name: "offset", page: AppearancePage(mediaBox: [-100, -50, 300, 150], cropBox: [-40, -30, 180, 50]),
                lines: latin),
            AppearanceSample(
                name: "unit", page: AppearancePage(mediaBox: [0, 0, 110, 40], userUnit: 2), lines: latin),
        ]
        for rotation in [90, 180, 270] {
            let box = rotation == 180 ? [0.0, 0, 220, 80] : [0, 0, 80, 220]
            samples.append(
                AppearanceSample(
                    name: "rotated-\(rotation)", page: AppearancePage(mediaBox: box, rotation: rotation), lines: latin,
                    image: "ink.png"))
        }
        return samples
    }()

    private static func english(_ signer: String, _ organisation: String) -> [String] {
        SignatureAppearance.lines(
            signerName: signer, method: "e-mail link", organisation: organisation, signingTime: SigningFixture.time,
            meaning: "I agree and sign")
    }

    func mark() throws -> SignatureAppearance.Mark? {
        if let image { return .image(try SignatureImage(Fixtures.bytes(image))) }
        if let file { return .image(try SignatureImage(file)) }
        return hasStrokes ? .strokes(try Self.strokes()) : nil
    }

    /// A loop, a wave and a dot.
    static func strokes() throws -> SignatureStrokes {
        let loop = (0...24).map { step in
            let angle = Double(step) / 24 * 2 * .pi
            return SignatureStrokes.Point(x: 60 + 40 * cos(angle), y: 70 + 55 * sin(angle))
        }
        let wave = (0...30).map { step in
            SignatureStrokes.Point(x: 90 + Double(step) * 7, y: 80 + 30 * sin(Double(step) * 0.9))
        }
        return try SignatureStrokes(
            canvasWidth: 400, canvasHeight: 200, strokes: [loop, wave, [.init(x: 310, y: 40)]])
    }

    /// The page with an open field.
    func prepared() throws -> [UInt8] {
        let base = page.bytes(marking: place)
        let field = PreparedField(
            name: "s", kind: .signature,
            placement: .init(pageIndex: 0, x: place[0], y: place[1], width: place[2], height: place[3]))
        let document = try PDFDocument(source: ArraySource(base))
        return base + (try DocumentPreparation.prepare(document: document, fields: [field]))
    }

    /// The page with the visible signature; its value is left empty.
    func signed() throws -> [UInt8] {
        let base = try prepared()
        let request = SignatureRequest(
            fieldName: "s", signerName: "x", reason: nil, signingTime: SigningFixture.time,
            appearance: SignatureAppearance(lines: lines, mark: try mark()), fonts: fonts)
        let document = try PDFDocument(source: ArraySource(base))
        return base
            + (try PreparedSignature.prepare(
                document: document, request: request, credential: SigningFixture.p256.get().credential
            ).update)
    }
}

/// A page that shows where its field is, and which corner is displayed at the upper left.
struct AppearancePage: Sendable {
    var mediaBox = [0.0, 0, 220, 80]
    var cropBox: [Double]?
    var rotation = 0
    var userUnit = 1.0

    func bytes(marking place: [Double]) -> [UInt8] {
        let visible = cropBox ?? mediaBox
        let geometry = PageGeometry(
            cropBox: PDFRectangle(visible[0], visible[1], visible[2], visible[3]), rotation: rotation,
            userUnit: userUnit)
        func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
            guard let box = try? geometry.userSpaceRectangle(x: x, y: y, width: width, height: height) else {
                return ""
            }
            return AppearanceDrawing.numbers([box.left, box.bottom, box.width, box.height]) + " re"
        }
        let content =
            "0.8 g \(box(3, 3, 6, 6)) f 0.85 G 0.5 w \(box(place[0], place[1], place[2], place[3])) S"
        let crop = cropBox.map { "/CropBox[\(AppearanceDrawing.numbers($0))]" } ?? ""
        let unit = userUnit == 1 ? "" : "/UserUnit \(userUnit)"
        return SampleDocument.onePage(
            page: "/MediaBox[\(AppearanceDrawing.numbers(mediaBox))]\(crop)/Rotate \(rotation)\(unit)/Contents 4 0 R",
            objects: ["<</Length \(content.utf8.count)>>\nstream\n\(content)\nendstream"])
    }
}

/// Files beside the tests.
enum Fixtures {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: tests.appending(path: "Fixtures/\(name)")))
    }

    /// One of the small fonts with CFF outlines.
    static func font(_ name: String) -> FontLibrary {
        FontLibrary(folder: tests.appending(path: "../TypographyTests/Fixtures").path, files: ["\(name).otf"])
    }
}
