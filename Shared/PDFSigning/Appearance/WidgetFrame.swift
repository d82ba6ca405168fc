// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Size and turn of a widget as displayed: its content is drawn upright, whatever the page's rotation.
struct WidgetFrame: Sendable, Equatable {
    /// In points as displayed; readers fit it to the rectangle, which undoes the page's unit (ISO 32000-2, 12.5.5).
    let width: Double
    let height: Double
    /// The angle by which the page is turned clockwise, and the content therefore counter-clockwise: `/R` of `/MK`.
    let rotation: Int

    init(rectangle: PDFRectangle, rotation: Int, userUnit: Double = 1) {
        let turned = ((rotation % 360) + 360) % 360
        self.rotation = turned % 90 == 0 ? turned : 0
        let isOnItsSide = turned == 90 || turned == 270
        width = (isOnItsSide ? rectangle.height : rectangle.width) * userUnit
        height = (isOnItsSide ? rectangle.width : rectangle.height) * userUnit
    }

    /// Turns the content against the page's rotation.
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

extension WidgetFrame {
    /// The frame of a widget; nil for one without an area, which shows nothing.
    ///
    /// A signature field that does not say how it is turned follows its page, since a signature is meant to be read as
    /// the page is; other fields stay as their author left them.
    init?(of widget: PDFDictionary, in document: PDFDocument, followsPage: Bool) throws(PDFError) {
        guard let rectangle = try document.rectangle(widget["Rect"]) else { return nil }
        let page = try document.resolved(widget["P"]).dictionaryValue
        let stated = try document.resolved(document.resolved(widget["MK"]).dictionaryValue?["R"]).integerValue
        var rotation = stated ?? 0
        if stated == nil, followsPage, let page { rotation = try Self.rotation(of: page, in: document) }
        let unit = try document.resolved(page?["UserUnit"]).numberValue ?? 1
        self.init(rectangle: rectangle, rotation: rotation, userUnit: unit > 0 && unit < 1_000_000 ? unit : 1)
    }

    /// `/Rotate` of a page or of what it inherits from (Table 31).
    private static func rotation(of page: PDFDictionary, in document: PDFDocument) throws(PDFError) -> Int {
        var node = page
        for _ in 0..<document.limits.maximumNesting {
            if let rotation = try document.resolved(node["Rotate"]).integerValue { return rotation }
            guard let parent = try document.resolved(node["Parent"]).dictionaryValue else { break }
            node = parent
        }
        return 0
    }
}
