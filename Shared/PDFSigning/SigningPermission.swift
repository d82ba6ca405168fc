// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Whether the document allows what a request asks for; each refusal names the rule (ISO 32000-2, 12.8.2).
struct SigningPermission {
    private let restrictions: SignatureRestrictions
    private let fields: [FormField]

    init(of document: PDFDocument, fields: [FormField]) throws(PDFError) {
        restrictions = try SignatureRestrictions(of: document, fields: fields)
        self.fields = fields
    }

    /// Whether this is the first signature of the file.
    var isFirst: Bool { !restrictions.hasSignatures }

    func check(_ request: SignatureRequest, target: SignatureTarget) throws(PDFError) {
        try checkLevel()
        switch target {
        case .existing: try checkLock(of: request.fieldName)
        case .new(let placement): if placement != nil { try checkVisibleAddition(request.fieldName) }
        }
        for value in request.values { try checkLock(of: value.name) }
        if let level = request.certification { try checkCertification(level, field: request.fieldName) }
    }

    /// Refuses fields that are added to a document which does not allow it.
    func check(adding added: [PreparedField]) throws(PDFError) {
        try checkLevel()
        guard restrictions.hasSignatures else { return }
        for field in added {
            guard field.kind == .signature else {
                throw PDFError(
                    .unsupported,
                    "The document is signed already: further signatures can be added to it, but no other fields.")
            }
            if field.placement != nil { try checkVisibleAddition(field.name) }
        }
    }

    private func checkLock(of name: String) throws(PDFError) {
        guard let holder = restrictions.lockHolder(of: name) else { return }
        throw PDFError(.unsupported, "The field \(name) is locked by the signature in \(holder) (FieldMDP).")
    }

    /// Refuses a new field that shows under a lock or a certification.
    ///
    /// A lock keeps the values of fields that the document had (ISO 32000-2, 12.8.2.4), and a certification permits to sign:
    /// a new field that nobody sees is what a document timestamp adds too. A visible one changes the page.
    private func checkVisibleAddition(_ name: String) throws(PDFError) {
        try checkLock(of: name)
        guard let level = restrictions.level else { return }
        throw PDFError(
            .unsupported,
            "The document is certified (DocMDP, /P \(level.rawValue)), so no visible field can be added to it.")
    }

    private func checkLevel() throws(PDFError) {
        guard restrictions.level == .noChanges else { return }
        throw PDFError(
            .unsupported,
            "The document is certified against any change (DocMDP, /P 1): only validation data and document timestamps "
                + "may be added.")
    }

    private func checkCertification(_ level: CertificationLevel, field: String) throws(PDFError) {
        guard isFirst else {
            throw PDFError(.unsupported, "The document is signed already; only its first signature can certify it.")
        }
        // A node above the field is not one that could be signed.
        let open = fields.first { $0.type == "Sig" && $0.name != field && !field.hasPrefix($0.name + ".") }
        if level == .noChanges, let open {
            throw PDFError(
                .unsupported,
                "Certifying against any change (DocMDP, /P 1) would keep the field \(open.name) from being signed.")
        }
    }
}
