// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax

/// Adds every field that signers will fill, in one incremental update before the first signature.
///
/// Fields added between signatures make the earlier ones show as broken, so nothing is added later (ISO 32000-2,
/// 12.8.2.2: filling is the only change that all readers permit).
package struct DocumentPreparation {
    private let document: PDFDocument
    private var update: IncrementalUpdate
    private var pages: [Int: PDFPage] = [:]
    private var widgets: [(page: PDFReference, field: PDFReference)] = []
    private var emptyAppearance: PDFReference?

    /// The bytes to append to the document; nothing is signed.
    /// - Throws: `PDFError`: `fieldOutsidePage`, `fieldNameTaken`, or why the document cannot take fields.
    package static func prepare(document: PDFDocument, fields: [PreparedField]) throws(PDFError) -> [UInt8] {
        try checkRequest(document: document, fields: fields)
        var preparation = DocumentPreparation(document: document)
        var references: [PDFReference] = []
        for field in fields { references.append(try preparation.add(field)) }
        try preparation.attachToPages()
        try preparation.attachToForm(references, needsFont: fields.contains { $0.kind.isText })
        return try preparation.update.finish()
    }

    private init(document: PDFDocument) {
        self.document = document
        update = IncrementalUpdate(of: document)
    }

    private static func checkRequest(document: PDFDocument, fields: [PreparedField]) throws(PDFError) {
        let existing = try document.formFields()
        try document.checkRestrictions(of: existing)
        if existing.contains(where: \.isSigned), fields.contains(where: { $0.kind != .signature }) {
            throw PDFError(
                .unsupported,
                "The document is signed already: further signatures can be added to it, but no other fields.")
        }
        var names = Set(existing.map(\.name))
        for field in fields {
            guard !field.name.isEmpty, !field.name.contains("."), names.insert(field.name).inserted else {
                throw PDFError(.fieldNameTaken, "A field name is empty, holds a full stop, or is used twice.")
            }
            guard field.kind == .signature || field.placement != nil else {
                throw PDFError(.fieldOutsidePage, "Only a signature can do without a place on a page.")
            }
        }
    }

    // MARK: Fields

    private mutating func add(_ field: PreparedField) throws(PDFError) -> PDFReference {
        let reference = try update.newReference()
        let page = try self.page(at: field.placement?.pageIndex ?? 0)
        guard let pageReference = page.reference else {
            throw PDFError(
                .unsupported, "A page stands inside the page tree's own objects, so no field can be put on it.")
        }
        // Without a place the field has an empty rectangle, which readers take as invisible (12.7.5.5).
        var rectangle = PDFRectangle(0, 0, 0, 0)
        if let place = field.placement {
            rectangle = try page.geometry.userSpaceRectangle(
                x: place.x, y: place.y, width: place.width, height: place.height)
        }
        var widget = PDFDictionary([
            ("Type", .name("Annot")), ("Subtype", .name("Widget")), ("FT", .name(field.kind.fieldType)),
            ("T", PDFSerializer.textString(field.name)), ("Rect", rectangle.object),
            // Print and Locked (Table 167).
            ("F", .integer(132)), ("P", .reference(pageReference)),
        ])
        if let label = field.label { widget["TU"] = PDFSerializer.textString(label) }
        if page.geometry.rotation != 0 {
            widget["MK"] = .dictionary(PDFDictionary([("R", .integer(page.geometry.rotation))]))
        }
        try addContent(of: field.kind, rectangle: rectangle, rotation: page.geometry.rotation, to: &widget)
        update.write(widget, at: reference)
        widgets.append((pageReference, reference))
        return reference
    }

    private mutating func addContent(
        of kind: PreparedField.Kind, rectangle: PDFRectangle, rotation: Int, to widget: inout PDFDictionary
    ) throws(PDFError) {
        switch kind {
        case .signature:
            widget["AP"] = Self.normalAppearance(try self.emptyForm())
        case .text, .date, .initials:
            widget["AP"] = Self.normalAppearance(try self.emptyForm())
            widget["DA"] = .string(Array("/Helv 0 Tf 0 g".utf8))
            // ReadOnly (Table 227): values come from the signing page, not from a viewer.
            widget["Ff"] = .integer(1)
        case .checkbox:
            let checked = try update.newReference()
            FormAppearance.tick(in: FormFrame(rectangle: rectangle, rotation: rotation)).write(to: &update, at: checked)
            let states = PDFDictionary([("Yes", .reference(checked)), ("Off", .reference(try emptyForm()))])
            widget["AP"] = .dictionary(PDFDictionary([("N", .dictionary(states))]))
            widget["V"] = .name("Off")
            widget["AS"] = .name("Off")
            widget["Ff"] = .integer(1)
        }
    }

    /// One empty form serves all fields that nobody has filled yet; PDF/A wants an appearance on each (PDF/A-1, 6.9).
    private mutating func emptyForm() throws(PDFError) -> PDFReference {
        if let emptyAppearance { return emptyAppearance }
        let reference = try update.newReference()
        FormAppearance.empty.write(to: &update, at: reference)
        emptyAppearance = reference
        return reference
    }

    static func normalAppearance(_ reference: PDFReference) -> PDFObject {
        .dictionary(PDFDictionary([("N", .reference(reference))]))
    }

    // MARK: Pages and form

    private mutating func page(at index: Int) throws(PDFError) -> PDFPage {
        if let page = pages[index] { return page }
        let page = try document.page(at: index)
        pages[index] = page
        return page
    }

    private mutating func attachToPages() throws(PDFError) {
        // One page object can stand in the tree twice, and one array serve two pages; each is written once.
        var written: Set<PDFReference> = []
        for (_, page) in pages.sorted(by: { $0.key < $1.key }) {
            guard let pageReference = page.reference, written.insert(pageReference).inserted else { continue }
            let added = widgets.filter { $0.page == pageReference }.map { PDFObject.reference($0.field) }
            var annotations: [PDFObject] = []
            switch try document.resolved(page.dictionary["Annots"]) {
            case .null: break
            case .array(let existing): annotations = existing
            default: throw PDFError(.damaged, "The annotations of a page are not an array.")
            }
            annotations += added
            if let reference = page.dictionary["Annots"]?.referenceValue, written.insert(reference).inserted {
                update.write(.array(annotations), at: reference)
            } else {
                var dictionary = page.dictionary
                dictionary["Annots"] = .array(annotations)
                update.write(dictionary, at: pageReference)
            }
        }
    }

    private mutating func attachToForm(_ references: [PDFReference], needsFont: Bool) throws(PDFError) {
        let existing = try document.interactiveForm()
        var form = existing?.dictionary ?? PDFDictionary()
        let fields = PDFObject.array(((existing?.fields ?? []) + references).map(PDFObject.reference))
        if let indirect = existing?.fieldsReference {
            update.write(fields, at: indirect)
        } else {
            form["Fields"] = fields
        }
        // SignaturesExist and AppendOnly (Table 225).
        form["SigFlags"] = .integer((try document.resolved(form["SigFlags"]).integerValue ?? 0) | 3)
        if existing == nil || needsFont {
            form["DR"] = .dictionary(try resourcesWithFont(form["DR"]))
            if form["DA"] == nil { form["DA"] = .string(Array("/Helv 0 Tf 0 g".utf8)) }
        }
        // Seen in the wild: one object as form and as document information, which later readings would mistake.
        let isShared = existing?.reference != nil && existing?.reference == document.trailer["Info"]?.referenceValue
        if let reference = existing?.reference, !isShared {
            update.write(form, at: reference)
            return
        }
        var catalog = document.catalog
        if existing == nil || isShared {
            let reference = try update.newReference()
            update.write(form, at: reference)
            catalog["AcroForm"] = .reference(reference)
        } else {
            catalog["AcroForm"] = .dictionary(form)
        }
        update.write(catalog, at: document.catalogReference)
    }

    private mutating func resourcesWithFont(_ object: PDFObject?) throws(PDFError) -> PDFDictionary {
        var resources = try document.resolved(object).dictionaryValue ?? PDFDictionary()
        var fonts = try document.resolved(resources["Font"]).dictionaryValue ?? PDFDictionary()
        guard fonts["Helv"] == nil else { return resources }
        let font = try update.newReference()
        update.write(FormAppearance.helvetica, at: font)
        fonts["Helv"] = .reference(font)
        resources["Font"] = .dictionary(fonts)
        return resources
    }
}

extension PreparedField.Kind {
    fileprivate var fieldType: String {
        switch self {
        case .signature: "Sig"
        case .text, .date, .initials: "Tx"
        case .checkbox: "Btn"
        }
    }

    fileprivate var isText: Bool { fieldType == "Tx" }
}
