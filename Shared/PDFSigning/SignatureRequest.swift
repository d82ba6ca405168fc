// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import PDFSyntax
package import Typography

/// Everything that one signer's revision says; equal requests on equal bytes give equal bytes.
package struct SignatureRequest: Sendable {
    /// What happens when the document has no field of the name asked for.
    package enum MissingField: Sendable, Equatable {
        /// The document is refused with `fieldMissing`.
        case refuse
        /// The field is added in the same revision: at a place, or invisible.
        case add(PreparedField.Placement?)
    }

    /// The signature field by its full name, parts of the hierarchy joined by full stops (ISO 32000-2, 12.7.4.2).
    package var fieldName: String
    /// Whether the field may be added.
    package var missingField: MissingField
    /// The signer, for `/Name`.
    package var signerName: String?
    /// The meaning of signing, for `/Reason`.
    package var reason: String?
    /// The claimed time of signing, for `/M`; PAdES has no signing-time attribute.
    package var signingTime: Instant
    /// What a visible signature shows.
    package var appearance: SignatureAppearance
    /// The signer's form fields, filled in the same revision.
    package var values: [FieldValue]
    /// Makes this the certification of the document; only its first signature can be that.
    package var certification: CertificationLevel?
    /// What the text of appearances is set in.
    package var fonts: FontLibrary

    /// Describes a revision.
    package init(
        fieldName: String, missingField: MissingField = .refuse, signerName: String?, reason: String?,
        signingTime: Instant, appearance: SignatureAppearance = SignatureAppearance(lines: []),
        values: [FieldValue] = [], certification: CertificationLevel? = nil, fonts: FontLibrary = .installed
    ) {
        self.fieldName = fieldName
        self.missingField = missingField
        self.signerName = signerName
        self.reason = reason
        self.signingTime = signingTime
        self.appearance = appearance
        self.values = values
        self.certification = certification
        self.fonts = fonts
    }
}
