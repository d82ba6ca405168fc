// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// Fills existing fields and draws what they show; it adds none.
struct FieldFilling {
    private let fields: [FormField]

    /// Text without a size of its own is no larger.
    private static let automaticSize = 12.0
    /// A field that is shown in more places keeps its look in the others.
    private static let maximumWidgets = 100

    /// - Parameter fields: Every field of the document.
    init(fields: [FormField]) {
        self.fields = fields
    }

    /// Sets value and appearance of one field.
    /// - Throws: `PDFError`, `fieldMissing` when there is no field of that name and kind.
    func fill(
        _ value: FieldValue, with appearances: inout AppearanceWriter, in draft: inout RevisionDraft
    ) throws(PDFError) {
        guard let field = fields.first(where: { $0.name == value.name }) else { throw missing }
        var dictionary = field.dictionary
        switch (value.content, field.type) {
        case (.text(let text), "Tx"):
            dictionary["V"] = PDFSerializer.textString(text)
            try forEachWidget(of: field, &dictionary, in: &draft) { widget, draft throws(PDFError) in
                try show(text, on: &widget, with: &appearances, in: &draft)
            }
        case (.checked(let isChecked), "Btn"):
            var state = "Off"
            try forEachWidget(of: field, &dictionary, in: &draft) { widget, draft throws(PDFError) in
                let own = isChecked ? try checkedState(of: widget, in: draft.document) : "Off"
                widget["AS"] = .name(own)
                if isChecked { state = own }
            }
            dictionary["V"] = .name(state)
        default: throw missing
        }
        draft.replace(field.reference, with: .dictionary(dictionary))
    }

    /// The field itself, when it is its own widget, or the widgets below it (ISO 32000-2, 12.7.4.1).
    private func forEachWidget(
        of field: FormField, _ dictionary: inout PDFDictionary, in draft: inout RevisionDraft,
        _ body: (inout PDFDictionary, inout RevisionDraft) throws(PDFError) -> Void
    ) throws(PDFError) {
        guard let kids = try draft.resolved(dictionary["Kids"]).arrayValue else {
            try body(&dictionary, &draft)
            return
        }
        for kid in kids.prefix(Self.maximumWidgets) {
            guard let reference = kid.referenceValue, reference != field.reference,
                case .dictionary(var widget) = try draft.object(reference), widget["T"] == nil
            else { continue }
            try body(&widget, &draft)
            draft.replace(reference, with: .dictionary(widget))
        }
    }

    /// The name of the appearance that is not `Off` (12.7.5.2.3).
    private func checkedState(of widget: PDFDictionary, in document: PDFDocument) throws(PDFError) -> String {
        let appearances = try document.resolved(widget["AP"]).dictionaryValue
        let states = try document.resolved(appearances?["N"]).dictionaryValue
        return states?.entries.first { $0.key != "Off" }?.key ?? "Yes"
    }

    private func show(
        _ text: String, on widget: inout PDFDictionary, with appearances: inout AppearanceWriter,
        in draft: inout RevisionDraft
    ) throws(PDFError) {
        guard let frame = try WidgetFrame(of: widget, in: draft.document, followsPage: false) else { return }
        let style = try FieldStyle(of: widget, in: draft.document)
        var drawing = AppearanceDrawing(frame: frame)
        style.drawBox(on: &drawing)
        drawing.append("/Tx BMC q \(style.color)\n")
        let shown = style.hidesText ? String(repeating: "•", count: min(text.count, 100)) : text
        if let cells = style.combCells {
            try drawComb(shown, cells: cells, style, appearances.fonts, on: &drawing)
        } else {
            try drawText(shown, style, appearances.fonts, on: &drawing)
        }
        drawing.append("Q EMC\n")
        widget["AP"] = FieldAddition.normalAppearance(try appearances.add(drawing, in: &draft.update))
    }

    private func drawText(
        _ text: String, _ style: FieldStyle, _ fonts: FontLibrary, on drawing: inout AppearanceDrawing
    ) throws(PDFError) {
        guard !text.isEmpty else { return }
        let margin = min(style.margin, drawing.frame.height / 8)
        let area = TextArea(
            x: style.margin, y: margin, width: drawing.frame.width - 2 * style.margin,
            height: drawing.frame.height - 2 * margin, alignment: style.alignment, isCentered: !style.isMultiline)
        let paragraphs =
            style.isMultiline
            ? text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init) : [text]
        let fitted = try FittedText(
            paragraphs, width: area.width, height: area.height,
            maximumSize: style.fontSize > 0 ? style.fontSize : Self.automaticSize, fonts: fonts,
            wrapping: style.isMultiline ? .always : .never)
        area.draw(fitted, on: &drawing)
    }

    /// One character in the middle of each cell (12.7.5.3).
    private func drawComb(
        _ text: String, cells: Int, _ style: FieldStyle, _ fonts: FontLibrary, on drawing: inout AppearanceDrawing
    ) throws(PDFError) {
        let cell = drawing.frame.width / Double(cells)
        let size = min(style.fontSize > 0 ? style.fontSize : Self.automaticSize, drawing.frame.height / 1.2)
        for (index, character) in text.prefix(cells).enumerated() {
            let area = TextArea(
                x: Double(index) * cell, y: 0, width: cell, height: drawing.frame.height, alignment: .center)
            let fitted = try FittedText(
                [String(character)], width: cell, height: drawing.frame.height, maximumSize: size, fonts: fonts,
                wrapping: .never)
            area.draw(fitted, on: &drawing)
        }
    }

    private var missing: PDFError {
        PDFError(.fieldMissing, "The document has no field of the name and kind that a value was given for.")
    }
}
