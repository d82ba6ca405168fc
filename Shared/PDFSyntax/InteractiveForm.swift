// SPDX-License-Identifier: Apache-2.0

/// The interactive form dictionary (ISO 32000-2, 12.7.3), and where to write it back.
package struct InteractiveForm: Sendable {
    /// Nil when the dictionary stands in the catalog itself.
    package let reference: PDFReference?
    /// The entries.
    package let dictionary: PDFDictionary
    /// The root fields.
    package let fields: [PDFReference]
    /// Nil when the array of root fields stands in the dictionary itself.
    package let fieldsReference: PDFReference?
}

/// A terminal field, or a node of the field hierarchy that has a type.
package struct FormField: Sendable {
    /// Where the field dictionary is.
    package let reference: PDFReference
    /// Partial names joined by full stops (12.7.4.2).
    package let name: String
    /// `Sig`, `Tx`, `Btn` or `Ch`, inherited when the field has none of its own.
    package let type: String?
    /// The field's own entries.
    package let dictionary: PDFDictionary

    /// True for a signature field that has been signed.
    package var isSigned: Bool {
        guard type == "Sig", let value = dictionary["V"] else { return false }
        return value != .null
    }
}

extension PDFDocument {
    /// The form; nil where the document has none, or something else in its place.
    ///
    /// What is no array of fields, or no field in it, is passed over as in other readers.
    /// - Throws: `PDFError` with `damaged` for a field inside the array itself: it has no address to be changed at.
    package func interactiveForm() throws(PDFError) -> InteractiveForm? {
        guard let entry = catalog["AcroForm"], case .dictionary(let dictionary) = try resolved(entry) else {
            return nil
        }
        var fields: [PDFReference] = []
        let elements = try resolved(dictionary["Fields"]).arrayValue
        guard elements?.count ?? 0 <= limits.maximumFields else { throw tooManyFields }
        for element in elements ?? [] {
            switch element {
            case .reference(let reference): fields.append(reference)
            case .dictionary: throw .damaged("The form holds a field that is not an indirect object.")
            default: continue
            }
        }
        return InteractiveForm(
            reference: entry.referenceValue, dictionary: dictionary, fields: fields,
            fieldsReference: elements == nil ? nil : dictionary["Fields"]?.referenceValue)
    }

    /// Every named field of the form, parents before children.
    package func formFields() throws(PDFError) -> [FormField] {
        var found: [FormField] = []
        var visited: Set<PDFReference> = []
        var held = HeldValues(limits: limits)
        for reference in try interactiveForm()?.fields ?? [] {
            try collect(reference, parent: nil, depth: 0, &visited, &held, &found)
        }
        return found
    }

    /// The signature fields, signed or not.
    package func signatureFields() throws(PDFError) -> [FormField] {
        try formFields().filter { $0.type == "Sig" }
    }

    private func collect(
        _ reference: PDFReference, parent: FormField?, depth: Int, _ visited: inout Set<PDFReference>,
        _ held: inout HeldValues, _ found: inout [FormField]
    ) throws(PDFError) {
        // A field that was seen already, or that leads back to one, is passed over, as in other readers.
        guard visited.insert(reference).inserted else { return }
        guard depth < limits.maximumNesting, visited.count <= limits.maximumFields else { throw tooManyFields }
        switch try object(reference) {
        case .dictionary(let dictionary):
            let title = try resolved(dictionary["T"]).stringValue.map(PDFSerializer.text(of:))
            // A kid without a name is a widget of its parent.
            if title == nil, parent != nil { return }
            let name = [parent?.name, title].compactMap(\.self).joined(separator: ".")
            let type = try resolved(dictionary["FT"]).nameValue ?? parent?.type
            try held.add(dictionary)
            let field = FormField(reference: reference, name: name, type: type, dictionary: dictionary)
            found.append(field)
            for kid in try resolved(dictionary["Kids"]).arrayValue ?? [] {
                guard let kid = kid.referenceValue else { continue }
                try collect(kid, parent: field, depth: depth + 1, &visited, &held, &found)
            }
        default: return
        }
    }

    private var tooManyFields: PDFError { .tooComplex("The form has more than \(limits.maximumFields) fields.") }
}
