// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The signature reference dictionaries that say what a signature forbids afterwards (ISO 32000-2, 12.8.2).
enum SignatureReferences {
    /// The value of `/Reference`; nil when the signature forbids nothing.
    static func array(
        certification: CertificationLevel?, lock: FieldLock?, catalog: PDFReference
    ) -> PDFObject? {
        var references: [PDFObject] = []
        if let certification {
            let parameters = PDFDictionary([
                ("Type", .name("TransformParams")), ("P", .integer(certification.rawValue)), ("V", .name("1.2")),
            ])
            references.append(reference("DocMDP", parameters, data: nil))
        }
        if let lock {
            var parameters = PDFDictionary([
                ("Type", .name("TransformParams")), ("V", .name("1.2")), ("Action", .name(lock.action)),
            ])
            switch lock.scope {
            case .all: break
            case .include(let names), .exclude(let names):
                parameters["Fields"] = .array(names.map(PDFSerializer.textString))
            }
            // Table 259 does not have /P, but readers look for the lock's own here.
            if let permission = lock.permission { parameters["P"] = .integer(permission.rawValue) }
            references.append(reference("FieldMDP", parameters, data: catalog))
        }
        return references.isEmpty ? nil : .array(references)
    }

    private static func reference(_ method: String, _ parameters: PDFDictionary, data: PDFReference?) -> PDFObject {
        var reference = PDFDictionary([
            ("Type", .name("SigRef")), ("TransformMethod", .name(method)), ("TransformParams", .dictionary(parameters)),
        ])
        if let data { reference["Data"] = .reference(data) }
        return .dictionary(reference)
    }

    /// Names the certification in the catalog (12.8.6).
    static func addPermissions(_ signature: PDFReference, to draft: inout RevisionDraft) throws(PDFError) {
        let entry = draft.catalog["Perms"]
        var permissions = try draft.resolved(entry).dictionaryValue ?? PDFDictionary()
        permissions["DocMDP"] = .reference(signature)
        if let reference = entry?.referenceValue {
            draft.replace(reference, with: .dictionary(permissions))
        } else {
            draft.catalog["Perms"] = .dictionary(permissions)
        }
    }
}
