// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// Draws the appearances of one update; their fonts, shared by all of them, are written at the end.
struct AppearanceWriter {
    let document: PDFDocument
    let fonts: FontLibrary
    private var embedded = EmbeddedFonts()
    private var pending: [(reference: PDFReference, drawing: AppearanceDrawing)] = []

    init(document: PDFDocument, fonts: FontLibrary) {
        self.document = document
        self.fonts = fonts
    }

    /// Takes a finished drawing over and returns where its stream will be.
    mutating func add(
        _ drawing: AppearanceDrawing, in update: inout IncrementalUpdate
    ) throws(PDFError) -> PDFReference {
        for case .text(let line, _, _, _) in drawing.elements { embedded.use(line) }
        let reference = try update.newReference()
        pending.append((reference, drawing))
        return reference
    }

    /// Gives a signature's widget its appearance; one without an area keeps the empty one that it has.
    /// - Throws: `PDFError` with `fontMissing`, or `imageUnusable` for a CMYK image in a PDF/A document.
    mutating func show(
        _ appearance: SignatureAppearance, on widget: inout PDFDictionary, in update: inout IncrementalUpdate
    ) throws(PDFError) {
        guard let frame = try WidgetFrame(of: widget, in: document, followsPage: true) else { return }
        var drawing = AppearanceDrawing(frame: frame)
        let layout = SignatureLayout(frame: frame, mark: appearance.mark, hasText: !appearance.lines.isEmpty)
        switch appearance.mark {
        case nil: break
        case .image(let image):
            try ImageDrawing(image: image).draw(
                x: layout.mark.x, y: layout.mark.y, width: layout.mark.width, height: layout.mark.height, on: &drawing,
                in: &update, isArchival: try document.claimsPDFA())
        case .strokes(let strokes):
            StrokeDrawing(strokes).draw(
                x: layout.mark.x, y: layout.mark.y, width: layout.mark.width, height: layout.mark.height, on: &drawing)
        }
        let text = try FittedText(
            appearance.lines, width: layout.text.width, height: layout.text.height, maximumSize: 12, fonts: fonts)
        layout.text.draw(text, on: &drawing)
        widget["AP"] = FieldAddition.normalAppearance(try add(drawing, in: &update))
    }

    /// Writes every stream and font; nothing may be added afterwards.
    mutating func finish(in update: inout IncrementalUpdate) throws(PDFError) {
        try embedded.write(to: &update)
        for (reference, drawing) in pending { drawing.write(to: &update, at: reference, fonts: embedded) }
    }
}

/// Where mark and text of a visible signature stand: beside each other in a wide frame, else the mark above.
struct SignatureLayout {
    private(set) var mark: TextArea
    private(set) var text: TextArea

    init(frame: WidgetFrame, mark kind: SignatureAppearance.Mark?, hasText: Bool) {
        let margin = min(2, frame.height / 8, frame.width / 8)
        let whole = TextArea(
            x: margin, y: margin, width: frame.width - 2 * margin, height: frame.height - 2 * margin)
        text = whole
        mark = whole
        guard let kind else { return }
        let aspect: Double =
            switch kind {
            case .image(let image): image.aspect
            case .strokes(let strokes): StrokeDrawing(strokes).width / StrokeDrawing(strokes).height
            }
        if hasText {
            let gap = 2 * margin
            if frame.width >= 1.5 * frame.height {
                mark.width = min(whole.width * 0.42, whole.height * aspect)
                text.x += mark.width + gap
                text.width -= mark.width + gap
            } else {
                mark.height = min(whole.height * 0.5, whole.width / aspect)
                mark.y += whole.height - mark.height
                text.height -= mark.height + gap
                text.isCentered = false
            }
        }
        // The largest rectangle of the mark's proportions in the middle of its part.
        let width = min(mark.width, mark.height * aspect)
        let height = min(mark.height, width / aspect)
        mark.x += (mark.width - width) / 2
        mark.y += (mark.height - height) / 2
        (mark.width, mark.height) = (width, height)
    }
}

extension PDFDocument {
    /// True when the document's metadata say that it keeps to a part of ISO 19005; whether it does is not judged.
    func claimsPDFA() throws(PDFError) -> Bool {
        guard case .stream(let metadata) = try resolved(catalog["Metadata"]) else { return false }
        // Metadata that cannot be read claim nothing.
        guard let data = try? data(of: metadata) else { return false }
        // Without zeros, UTF-16 reads like UTF-8.
        let bytes = data.filter { $0 != 0 }
        let name = Array("pdfaid".utf8)
        return bytes.indices.contains { index in
            bytes[index] == name[0] && bytes[index...].starts(with: name)
        }
    }
}
