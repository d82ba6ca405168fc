// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Size and turn of a widget: its content is drawn upright as displayed, whatever the page's rotation.
struct FormFrame: Sendable {
    let width: Double
    let height: Double
    let rotation: Int

    init(rectangle: PDFRectangle, rotation: Int) {
        let isTurned = rotation % 180 != 0
        width = isTurned ? rectangle.height : rectangle.width
        height = isTurned ? rectangle.width : rectangle.height
        self.rotation = rotation
    }

    /// Turns the content against the page's rotation; readers then fit it to the rectangle (ISO 32000-2, 12.5.5).
    var matrix: PDFObject? {
        let elements: [Int]
        switch rotation {
        case 90: elements = [0, 1, -1, 0, 0, 0]
        case 180: elements = [-1, 0, 0, -1, 0, 0]
        case 270: elements = [0, -1, 1, 0, 0, 0]
        default: return nil
        }
        return .array(elements.map(PDFObject.integer))
    }
}

/// An appearance stream: a form XObject with at most one font (12.5.5).
struct FormAppearance {
    private let content: [UInt8]
    private let width: Double
    private let height: Double
    private let matrix: PDFObject?
    private let hasText: Bool

    /// Draws nothing.
    static let empty = FormAppearance(content: [], width: 1, height: 1, matrix: nil, hasText: false)

    /// One of the fourteen fonts that every reader has (9.6.2.2).
    static let helvetica = PDFDictionary([
        ("Type", .name("Font")), ("Subtype", .name("Type1")), ("BaseFont", .name("Helvetica")),
        ("Encoding", .name("WinAnsiEncoding")),
    ])

    /// A tick across the frame.
    static func tick(in frame: FormFrame) -> FormAppearance {
        let side = min(frame.width, frame.height)
        let left = (frame.width - side) / 2
        let bottom = (frame.height - side) / 2
        func point(_ x: Double, _ y: Double) -> String {
            "\(PDFNumberText.text(left + side * x)) \(PDFNumberText.text(bottom + side * y))"
        }
        let content =
            "q 0 G 1 J 1 j \(PDFNumberText.text(side * 0.1)) w "
            + "\(point(0.2, 0.5)) m \(point(0.42, 0.25)) l \(point(0.8, 0.78)) l S Q"
        return FormAppearance(
            content: Array(content.utf8), width: frame.width, height: frame.height, matrix: frame.matrix, hasText: false
        )
    }

    /// Lines of text, as large as the frame allows up to a limit, from the upper left.
    static func text(_ lines: [String], in frame: FormFrame, maximumSize: Double) -> FormAppearance {
        let margin = min(2, frame.height / 8)
        let leading = 1.15
        let encoded = lines.map(WinAnsiText.init)
        let widest = encoded.map(\.width).max() ?? 0
        var size = min(maximumSize, (frame.height - 2 * margin) / (leading * Double(max(1, lines.count))))
        if widest > 0 { size = min(size, (frame.width - 2 * margin) / widest) }
        guard size > 0, !lines.isEmpty else {
            return FormAppearance(
                content: [], width: frame.width, height: frame.height, matrix: frame.matrix, hasText: false)
        }
        // A single line stands in the middle, several fill from the top.
        let block = size * leading * Double(lines.count)
        let top = lines.count == 1 ? (frame.height + block) / 2 : frame.height - margin
        var content: [UInt8] = []
        content.append(ascii: "/Tx BMC q BT 0 g /Helv \(PDFNumberText.text(size)) Tf ")
        content.append(ascii: "\(PDFNumberText.text(size * leading)) TL ")
        content.append(ascii: "\(PDFNumberText.text(margin)) \(PDFNumberText.text(top - size * 0.9)) Td ")
        for (index, line) in encoded.enumerated() {
            if index > 0 { content.append(ascii: "T* ") }
            PDFSerializer.append(string: line.bytes, to: &content)
            content.append(ascii: " Tj ")
        }
        content.append(ascii: "ET Q EMC")
        return FormAppearance(
            content: content, width: frame.width, height: frame.height, matrix: frame.matrix, hasText: true)
    }

    /// Writes the stream; `font` is where Helvetica is, needed for text only.
    func write(to update: inout IncrementalUpdate, at reference: PDFReference, font: PDFReference? = nil) {
        var dictionary = PDFDictionary([
            ("Type", .name("XObject")), ("Subtype", .name("Form")),
            ("BBox", .array([.integer(0), .integer(0), PDFNumberText.object(width), PDFNumberText.object(height)])),
        ])
        if let matrix { dictionary["Matrix"] = matrix }
        var resources = PDFDictionary()
        if hasText, let font {
            resources["Font"] = .dictionary(PDFDictionary([("Helv", .reference(font))]))
        }
        dictionary["Resources"] = .dictionary(resources)
        update.write(dictionary, data: content, at: reference)
    }
}
