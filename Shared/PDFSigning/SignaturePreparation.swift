// SPDX-License-Identifier: Apache-2.0
import Clocks
import PDFSyntax

/// The steps that lead from a request to a revision with a reserved signature.
struct SignaturePreparation {
    /// What the steps change, each object once.
    private struct Work {
        var draft: RevisionDraft
        var form: FormEdit
        var appearances: AppearanceWriter
        let isFirst: Bool
    }

    let document: PDFDocument
    let request: SignatureRequest

    /// - Parameter isTimestamped: Whether a signature timestamp will be asked for.
    func prepare(
        credential: SigningCredential, isTimestamped: Bool, contentsBytes: Int
    ) throws(PDFError) -> PreparedSignature {
        guard request.values.count < 2 || Set(request.values.map(\.name)).count == request.values.count else {
            throw PDFError(.fieldNameTaken, "Two values were given for one field.")
        }
        let fields = try document.formFields()
        let target = try SignatureTarget(request, among: fields, of: document)
        let permission = try SigningPermission(of: document, fields: fields)
        try permission.check(request, target: target)
        var work = Work(
            draft: RevisionDraft(of: document), form: FormEdit(try document.interactiveForm()),
            appearances: AppearanceWriter(document: document, fonts: request.fonts), isFirst: permission.isFirst)
        if permission.isFirst { try MetadataPacket.normalize(in: &work.draft) }
        let filling = FieldFilling(fields: fields)
        for value in request.values { try filling.fill(value, with: &work.appearances, in: &work.draft) }
        let dictionary = try work.draft.update.newReference()
        var lock: FieldLock?
        switch target {
        case .existing(let field, let widget):
            try SeedValues(of: field.dictionary, in: document)?.check(
                request, credential: credential, isTimestamped: isTimestamped)
            if let entries = try document.resolved(field.dictionary["Lock"]).dictionaryValue {
                lock = try FieldLock(entries, in: document)
            }
            try sign(field, widget: widget, value: dictionary, &work)
        case .new(let placement): try addField(placement, value: dictionary, &work)
        }
        try work.appearances.finish(in: &work.draft.update)
        try work.form.markSigned(in: work.draft)
        try work.form.apply(to: &work.draft)
        if request.certification != nil { try SignatureReferences.addPermissions(dictionary, to: &work.draft) }
        let placeholder = SignatureDictionary(.signature, entries: entries(lock: lock)).write(
            to: &work.draft.update, at: dictionary, contentsBytes: contentsBytes)
        return try PreparedSignature(draft: work.draft, placeholder: placeholder)
    }

    // MARK: The field

    private func sign(
        _ field: FormField, widget: PDFReference?, value: PDFReference, _ work: inout Work
    ) throws(PDFError) {
        var dictionary = field.dictionary
        dictionary["V"] = .reference(value)
        if let widget, var own = try document.object(widget).dictionaryValue {
            try show(in: &own, &work)
            work.draft.replace(widget, with: .dictionary(own))
        } else {
            try show(in: &dictionary, &work)
        }
        work.draft.replace(field.reference, with: .dictionary(dictionary))
    }

    private func addField(
        _ placement: PreparedField.Placement?, value: PDFReference, _ work: inout Work
    ) throws(PDFError) {
        var addition = FieldAddition()
        var widget = try addition.widget(
            for: PreparedField(name: request.fieldName, kind: .signature, placement: placement), in: &work.draft)
        widget.dictionary["V"] = .reference(value)
        try show(in: &widget.dictionary, &work)
        work.draft.update.write(widget.dictionary, at: widget.reference)
        try addition.attach(to: &work.draft, form: &work.form, isFirst: work.isFirst)
    }

    private func show(in widget: inout PDFDictionary, _ work: inout Work) throws(PDFError) {
        guard !request.appearance.isEmpty else { return }
        try work.appearances.show(request.appearance, on: &widget, in: &work.draft.update)
    }

    // MARK: The signature dictionary

    private func entries(lock: FieldLock?) -> PDFDictionary {
        var entries = PDFDictionary([("M", .string(Array(date.utf8)))])
        if let name = request.signerName { entries["Name"] = PDFSerializer.textString(name) }
        if let reason = request.reason { entries["Reason"] = PDFSerializer.textString(reason) }
        entries["Reference"] = SignatureReferences.array(
            certification: request.certification, lock: lock, catalog: document.catalogReference)
        return entries
    }

    /// 7.9.4, in UTC.
    private var date: String {
        let digits = request.signingTime.rfc3339(fractionDigits: 3).utf8.filter { (48...57).contains($0) }
        return "D:\(String(decoding: digits.prefix(14), as: UTF8.self))Z"
    }
}
