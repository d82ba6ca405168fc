// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax

/// Adds every field that signers will fill, in one incremental update before the first signature.
///
/// Fields added between signatures make the earlier ones show as broken in some readers, so nothing is added later.
package enum DocumentPreparation {
    /// The bytes to append to the document; nothing is signed.
    /// - Throws: `PDFError`: `fieldOutsidePage`, `fieldNameTaken`, or why the document cannot take fields.
    package static func prepare(document: PDFDocument, fields: [PreparedField]) throws(PDFError) -> [UInt8] {
        let existing = try document.formFields()
        let permission = try SigningPermission(of: document, fields: existing)
        try permission.check(adding: fields)
        try checkNames(of: fields, existing: existing)
        var draft = RevisionDraft(of: document)
        if permission.isFirst { try MetadataPacket.normalize(in: &draft) }
        var addition = FieldAddition()
        for field in fields {
            let widget = try addition.widget(for: field, in: &draft)
            draft.update.write(widget.dictionary, at: widget.reference)
        }
        var form = FormEdit(try document.interactiveForm())
        try addition.attach(to: &draft, form: &form, isFirst: permission.isFirst)
        try form.markSigned(in: draft)
        if fields.contains(where: { $0.kind.fieldType == "Tx" }) { try form.addFont(to: &draft) }
        try form.apply(to: &draft)
        return try draft.finish()
    }

    private static func checkNames(of fields: [PreparedField], existing: [FormField]) throws(PDFError) {
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
}
