// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The field that a request signs: an open one of the document, or a new one.
enum SignatureTarget {
    /// The field, and the widget that shows it when the two are not one object.
    case existing(FormField, widget: PDFReference?)
    case new(PreparedField.Placement?)

    /// Finds the field among all of the form.
    /// - Throws: `PDFError` with `fieldMissing` for one that is signed, of another type or missing, with
    ///   `fieldNameTaken` for a name that no new field can have.
    init(_ request: SignatureRequest, among fields: [FormField], of document: PDFDocument) throws(PDFError) {
        var found: FormField?
        for field in fields where field.name == request.fieldName {
            guard field.type == "Sig" else {
                throw PDFError(.fieldMissing, "The field \(request.fieldName) is no signature field.")
            }
            let isSigned = try document.resolved(field.dictionary["V"]) != .null
            guard !isSigned else {
                throw PDFError(.fieldMissing, "The signature field \(request.fieldName) is signed already.")
            }
            found = found ?? field
        }
        if let found {
            self = .existing(found, widget: try Self.widget(of: found, in: document))
            return
        }
        guard case .add(let placement) = request.missingField else {
            throw PDFError(.fieldMissing, "The document has no open signature field of the name asked for.")
        }
        guard !request.fieldName.isEmpty, !request.fieldName.contains(".") else {
            throw PDFError(.fieldNameTaken, "The name of a new field is empty or holds a full stop.")
        }
        self = .new(placement)
    }

    /// The first kid without a name is the field's widget (12.7.4.1); a signature has one at most.
    /// - Throws: `PDFError` with `fieldMissing` for a node above other fields.
    private static func widget(of field: FormField, in document: PDFDocument) throws(PDFError) -> PDFReference? {
        var isNode = false
        for kid in try document.resolved(field.dictionary["Kids"]).arrayValue ?? [] {
            guard let reference = kid.referenceValue,
                case .dictionary(let dictionary) = try document.object(reference)
            else { continue }
            if dictionary["T"] == nil { return reference }
            isNode = true
        }
        guard !isNode else {
            throw PDFError(.fieldMissing, "The field \(field.name) holds other fields and cannot be signed itself.")
        }
        return nil
    }
}
