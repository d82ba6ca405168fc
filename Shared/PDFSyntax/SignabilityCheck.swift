// SPDX-License-Identifier: Apache-2.0

extension PDFDocument {
    /// Reads what preparing a signature will need, so that an upload is refused instead of a signing job.
    ///
    /// Walks pages and form, and obeys the restrictions of signatures that the document already carries.
    /// - Returns: The pages.
    /// - Throws: `PDFError` with the code that the upload is refused with.
    @discardableResult
    package func checkSignable() throws(PDFError) -> [PDFPage] {
        let pages = try pages()
        guard !pages.isEmpty else { throw .damaged("The document has no pages.") }
        try checkRestrictions(of: formFields())
        return pages
    }

    /// Refuses a document whose signatures forbid to add fields (ISO 32000-2, 12.8.2.2 and 12.8.2.4).
    private func checkRestrictions(of fields: [FormField]) throws(PDFError) {
        let restrictions = try SignatureRestrictions(of: self, fields: fields)
        if restrictions.level == .noChanges {
            throw .unsupported(
                "The document is certified against any change (DocMDP, /P 1), so nobody can sign it now.")
        }
        // No name that a document is likely to have: only a lock that does not list what it locks covers it.
        if restrictions.lockHolder(of: "\u{0}") != nil {
            throw .unsupported("A signature in the document locks its form (FieldMDP), so no field can be added.")
        }
    }
}
