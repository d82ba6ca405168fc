// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Adds fields to a draft: their widgets to the pages, themselves to the form.
struct FieldAddition {
    private var pages: [Int: PDFPage] = [:]
    private var widgets: [(page: PDFReference, field: PDFReference)] = []
    private var fields: [PDFReference] = []
    private var emptyAppearance: PDFReference?

    /// The address and the dictionary of a new field; the caller writes the latter.
    /// - Parameter hasAppearance: False leaves a signature field without the empty appearance that PDF/A-1 wants (6.9).
    mutating func widget(
        for field: PreparedField, in draft: inout RevisionDraft, hasAppearance: Bool = true
    ) throws(PDFError) -> (reference: PDFReference, dictionary: PDFDictionary) {
        let reference = try draft.update.newReference()
        var widget = PDFDictionary([
            ("Type", .name("Annot")), ("Subtype", .name("Widget")), ("FT", .name(field.kind.fieldType)),
            ("T", PDFSerializer.textString(field.name)),
            // Print and Locked (Table 167).
            ("F", .integer(132)),
        ])
        // Without a place the field has an empty rectangle, which readers take as invisible (12.7.5.5).
        var rectangle = PDFRectangle(0, 0, 0, 0)
        var rotation = 0
        if let place = field.placement {
            let page = try self.page(at: place.pageIndex, in: draft)
            guard let pageReference = page.reference else {
                throw PDFError(
                    .unsupported, "A page stands inside the page tree's own objects, so no field can be put on it.")
            }
            rectangle = try page.geometry.userSpaceRectangle(
                x: place.x, y: place.y, width: place.width, height: place.height)
            rotation = page.geometry.rotation
            widget["P"] = .reference(pageReference)
            widgets.append((pageReference, reference))
        } else if let pageReference = try page(at: 0, in: draft).reference {
            widget["P"] = .reference(pageReference)
            widgets.append((pageReference, reference))
        }
        widget["Rect"] = rectangle.object
        if let label = field.label { widget["TU"] = PDFSerializer.textString(label) }
        if rotation != 0 { widget["MK"] = .dictionary(PDFDictionary([("R", .integer(rotation))])) }
        if hasAppearance {
            try addContent(of: field.kind, rectangle: rectangle, rotation: rotation, to: &widget, in: &draft)
        }
        fields.append(reference)
        return (reference, widget)
    }

    /// Enters what was added into pages and form.
    /// - Parameter isFirst: Whether nobody signed before, so that annotations may become objects of their own.
    func attach(to draft: inout RevisionDraft, form: inout FormEdit, isFirst: Bool) throws(PDFError) {
        for field in fields { form.add(field) }
        try attachToPages(of: &draft, isFirst: isFirst)
    }

    // MARK: Fields

    private mutating func addContent(
        of kind: PreparedField.Kind, rectangle: PDFRectangle, rotation: Int, to widget: inout PDFDictionary,
        in draft: inout RevisionDraft
    ) throws(PDFError) {
        switch kind {
        case .signature:
            widget["AP"] = Self.normalAppearance(try emptyForm(in: &draft))
        case .text, .date, .initials:
            widget["AP"] = Self.normalAppearance(try emptyForm(in: &draft))
            widget["DA"] = .string(Array("/Helv 0 Tf 0 g".utf8))
            // ReadOnly (Table 227): values come from the signing page, not from a viewer.
            widget["Ff"] = .integer(1)
        case .checkbox:
            let checked = try draft.update.newReference()
            var tick = AppearanceDrawing(frame: WidgetFrame(rectangle: rectangle, rotation: rotation))
            tick.appendTick()
            tick.write(to: &draft.update, at: checked, fonts: EmbeddedFonts())
            let states = PDFDictionary([("Yes", .reference(checked)), ("Off", .reference(try emptyForm(in: &draft)))])
            widget["AP"] = .dictionary(PDFDictionary([("N", .dictionary(states))]))
            widget["V"] = .name("Off")
            widget["AS"] = .name("Off")
            widget["Ff"] = .integer(1)
        }
    }

    /// One empty form serves all fields that nobody has filled yet; PDF/A wants an appearance on each (PDF/A-1, 6.9).
    private mutating func emptyForm(in draft: inout RevisionDraft) throws(PDFError) -> PDFReference {
        if let emptyAppearance { return emptyAppearance }
        let reference = try draft.update.newReference()
        let nothing = AppearanceDrawing(frame: WidgetFrame(rectangle: PDFRectangle(0, 0, 1, 1), rotation: 0))
        nothing.write(to: &draft.update, at: reference, fonts: EmbeddedFonts())
        emptyAppearance = reference
        return reference
    }

    static func normalAppearance(_ reference: PDFReference) -> PDFObject {
        .dictionary(PDFDictionary([("N", .reference(reference))]))
    }

    // MARK: Pages

    private mutating func page(at index: Int, in draft: RevisionDraft) throws(PDFError) -> PDFPage {
        if let page = pages[index] { return page }
        let page = try draft.document.page(at: index)
        pages[index] = page
        return page
    }

    private func attachToPages(of draft: inout RevisionDraft, isFirst: Bool) throws(PDFError) {
        // One page object can stand in the tree twice, and one array serve two pages; the draft keeps each once.
        var seen: Set<PDFReference> = []
        for (_, page) in pages.sorted(by: { $0.key < $1.key }) {
            guard let pageReference = page.reference, seen.insert(pageReference).inserted else { continue }
            let added = widgets.filter { $0.page == pageReference }.map { PDFObject.reference($0.field) }
            guard !added.isEmpty else { continue }
            var annotations: [PDFObject] = []
            switch try draft.resolved(page.dictionary["Annots"]) {
            case .null: break
            case .array(let existing): annotations = isFirst ? try Self.indirect(existing, in: &draft) : existing
            default: throw PDFError(.damaged, "The annotations of a page are not an array.")
            }
            annotations += added
            if let reference = page.dictionary["Annots"]?.referenceValue, seen.insert(reference).inserted {
                draft.replace(reference, with: .array(annotations))
            } else {
                var dictionary = page.dictionary
                dictionary["Annots"] = .array(annotations)
                draft.replace(pageReference, with: .dictionary(dictionary))
            }
        }
    }
}

extension FieldAddition {
    /// The annotations as references, which they should be anyway (ISO 32000-2, Table 31): readers that compare
    /// revisions cannot follow one inside the array, and call every later signature a change that was not permitted.
    private static func indirect(
        _ annotations: [PDFObject], in draft: inout RevisionDraft
    ) throws(PDFError) -> [PDFObject] {
        var references: [PDFObject] = []
        for annotation in annotations {
            switch annotation {
            case .reference: references.append(annotation)
            case .dictionary:
                let reference = try draft.update.newReference()
                draft.update.write(annotation, at: reference)
                references.append(.reference(reference))
            default: continue
            }
        }
        return references
    }
}

extension PreparedField.Kind {
    var fieldType: String {
        switch self {
        case .signature: "Sig"
        case .text, .date, .initials: "Tx"
        case .checkbox: "Btn"
        }
    }
}
