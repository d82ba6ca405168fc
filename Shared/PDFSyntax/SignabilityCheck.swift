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
    package func checkRestrictions(of fields: [FormField]) throws(PDFError) {
        for field in fields where field.isSigned {
            guard let signature = try resolved(field.dictionary["V"]).dictionaryValue else {
                throw .damaged("A signature that the form names is missing.")
            }
            for entry in try resolved(signature["Reference"]).arrayValue ?? [] {
                guard let transform = try resolved(entry).dictionaryValue else { continue }
                let parameters = try resolved(transform["TransformParams"]).dictionaryValue ?? PDFDictionary()
                switch try resolved(transform["TransformMethod"]).nameValue {
                case "DocMDP":
                    guard try resolved(parameters["P"]).integerValue != 1 else {
                        throw .unsupported("The document is certified against any change, so nobody can sign it now.")
                    }
                case "FieldMDP":
                    guard try resolved(parameters["Action"]).nameValue == "Include" else {
                        throw .unsupported("A signature in the document locks its form, so no field can be added.")
                    }
                default: continue
                }
            }
        }
    }
}
