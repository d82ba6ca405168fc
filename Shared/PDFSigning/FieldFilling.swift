// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Fills existing fields and draws what they show; it adds none.
struct FieldFilling {
    private let document: PDFDocument
    private var font: PDFReference?

    init(document: PDFDocument) {
        self.document = document
    }

    /// Sets value and appearance of one field.
    mutating func fill(_ value: FieldValue, in update: inout IncrementalUpdate) throws(PDFError) {
        guard let field = try document.rootField(named: value.name) else { throw missing }
        var widget = field.dictionary
        switch (value.content, field.type) {
        case (.text(let text), "Tx"):
            widget["V"] = PDFSerializer.textString(text)
            try setAppearance(of: &widget, lines: text.isEmpty ? [] : [text], maximumSize: 12, in: &update)
        case (.checked(let isChecked), "Btn"):
            let state = PDFObject.name(isChecked ? "Yes" : "Off")
            widget["V"] = state
            widget["AS"] = state
        default: throw missing
        }
        update.write(widget, at: field.reference)
    }

    /// Gives a widget a new appearance of lines; one without an area keeps the empty one that it has.
    mutating func setAppearance(
        of widget: inout PDFDictionary, lines: [String], maximumSize: Double, in update: inout IncrementalUpdate
    ) throws(PDFError) {
        guard let rectangle = try document.rectangle(widget["Rect"]) else { return }
        let rotation = try document.resolved(widget["MK"]).dictionaryValue?["R"]?.integerValue ?? 0
        let frame = FormFrame(rectangle: rectangle, rotation: rotation)
        let reference = try update.newReference()
        let font = try helvetica(in: &update)
        FormAppearance.text(lines, in: frame, maximumSize: maximumSize).write(to: &update, at: reference, font: font)
        widget["AP"] = DocumentPreparation.normalAppearance(reference)
    }

    private mutating func helvetica(in update: inout IncrementalUpdate) throws(PDFError) -> PDFReference {
        if let font { return font }
        let reference = try update.newReference()
        update.write(FormAppearance.helvetica, at: reference)
        font = reference
        return reference
    }

    private var missing: PDFError {
        PDFError(.fieldMissing, "The document has no field of the name and kind that a value was given for.")
    }
}
