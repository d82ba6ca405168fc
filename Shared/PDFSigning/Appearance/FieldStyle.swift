// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// How a form field wants to look (ISO 32000-2, 12.5.6.19 and 12.7.4.3).
struct FieldStyle {
    /// 0 leaves the size to whoever draws.
    private(set) var fontSize = 0.0
    /// The operator that sets the colour of the text.
    private(set) var color = "0 g"
    private(set) var alignment: TextArea.Alignment?
    private(set) var isMultiline = false
    private(set) var hidesText = false
    /// Cells of equal width, one character in each; nil for running text.
    private(set) var combCells: Int?
    private var background: String?
    private var border: String?
    private var borderWidth = 1.0

    /// Reads what the widget says, or inherits from the field or the form.
    init(of widget: PDFDictionary, in document: PDFDocument) throws(PDFError) {
        let form = try document.interactiveForm()?.dictionary ?? PDFDictionary()
        let nodes = try Self.ancestry(of: widget, in: document)
        func inherited(_ key: String) throws(PDFError) -> PDFObject {
            for node in nodes {
                let value = try document.resolved(node[key])
                if value != .null { return value }
            }
            return .null
        }
        var appearance = try inherited("DA")
        if appearance == .null { appearance = try document.resolved(form["DA"]) }
        takeDefaultAppearance(appearance.stringValue ?? [])
        var quadding = try inherited("Q")
        if quadding == .null { quadding = try document.resolved(form["Q"]) }
        alignment = quadding.integerValue.flatMap(TextArea.Alignment.init)
        // Table 231: Multiline, Password and Comb.
        let flags = try inherited("Ff").integerValue ?? 0
        isMultiline = flags & (1 << 12) != 0
        hidesText = flags & (1 << 13) != 0
        if flags & (1 << 24) != 0, !isMultiline, !hidesText, let cells = try inherited("MaxLen").integerValue,
            (1...1000).contains(cells)
        {
            combCells = cells
        }
        try takeBorder(of: widget, in: document)
    }

    private static func ancestry(
        of widget: PDFDictionary, in document: PDFDocument
    ) throws(PDFError) -> [PDFDictionary] {
        var nodes = [widget]
        while nodes.count < document.limits.maximumNesting,
            let parent = try document.resolved(nodes[nodes.count - 1]["Parent"]).dictionaryValue
        {
            nodes.append(parent)
        }
        return nodes
    }

    private mutating func takeDefaultAppearance(_ bytes: [UInt8]) {
        let words = bytes.split(whereSeparator: { $0 <= 0x20 }).map { String(decoding: $0, as: UTF8.self) }
        for (index, word) in words.enumerated() {
            switch word {
            case "Tf" where index >= 1:
                let size = PDFNumberText.value(of: Array(words[index - 1].utf8)) ?? 0
                fontSize = size > 0 && size < 1000 ? size : 0
            case "g" where index >= 1: color = Self.color(words[(index - 1)..<index]) ?? color
            case "rg" where index >= 3: color = Self.color(words[(index - 3)..<index]) ?? color
            default: continue
            }
        }
    }

    private static func color(_ words: ArraySlice<String>) -> String? {
        color(words.compactMap { PDFNumberText.value(of: Array($0.utf8)) }, stroking: false)
    }

    /// Ink colours are left out: they mean different things on different devices, and PDF/A does not allow them everywhere.
    private static func color(_ values: [Double], stroking: Bool) -> String? {
        let inRange = values.map { min(max($0, 0), 1) }
        switch inRange.count {
        case 1: return "\(AppearanceDrawing.numbers(inRange)) \(stroking ? "G" : "g")"
        case 3: return "\(AppearanceDrawing.numbers(inRange)) \(stroking ? "RG" : "rg")"
        default: return nil
        }
    }

    private mutating func takeBorder(of widget: PDFDictionary, in document: PDFDocument) throws(PDFError) {
        guard let characteristics = try document.resolved(widget["MK"]).dictionaryValue else { return }
        func numbers(_ key: String) throws(PDFError) -> [Double] {
            var numbers: [Double] = []
            for element in (try document.resolved(characteristics[key]).arrayValue ?? []).prefix(4) {
                if let number = try document.resolved(element).numberValue { numbers.append(number) }
            }
            return numbers
        }
        background = Self.color(try numbers("BG"), stroking: false)
        border = Self.color(try numbers("BC"), stroking: true)
        let style = try document.resolved(widget["BS"]).dictionaryValue
        let stated = try document.resolved(style?["W"]).numberValue ?? 1
        borderWidth = min(max(stated, 0), 100)
    }

    /// Paints background and border, and says which colours the field needs.
    func drawBox(on drawing: inout AppearanceDrawing) {
        let frame = drawing.frame
        drawing.usesRGB = [color, background, border].contains { $0?.uppercased().hasSuffix("RG") == true }
        if let background {
            drawing.append("q \(background) 0 0 \(AppearanceDrawing.numbers([frame.width, frame.height])) re f Q\n")
        }
        guard let border, borderWidth > 0 else { return }
        let box = [borderWidth / 2, borderWidth / 2, frame.width - borderWidth, frame.height - borderWidth]
        drawing.append(
            "q \(border) \(PDFNumberText.text(borderWidth)) w \(AppearanceDrawing.numbers(box)) re S Q\n")
    }

    /// Between text and the frame.
    var margin: Double { border == nil ? 2 : max(2, 2 * borderWidth) }
}
