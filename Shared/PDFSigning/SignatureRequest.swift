// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// A value for one of the signer's own form fields.
package struct FieldValue: Sendable, Equatable {
    /// What is filled in.
    package enum Content: Sendable, Equatable {
        /// For text, date and initials.
        case text(String)
        /// For a checkbox.
        case checked(Bool)
    }

    /// The root field name given at preparation.
    package var name: String
    /// What is filled in.
    package var content: Content

    /// Pairs a field with its value.
    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

/// Everything that one signer's revision says; equal requests on equal bytes give equal bytes.
package struct SignatureRequest: Sendable {
    /// The open signature field.
    package var fieldName: String
    /// The signer, for `/Name`.
    package var signerName: String
    /// The meaning of signing, for `/Reason`.
    package var reason: String?
    /// The claimed time of signing, for `/M`; PAdES has no signing-time attribute.
    package var signingTime: Instant
    /// What a visible signature shows, line by line; see `SignatureAppearance`.
    package var appearanceLines: [String]
    /// The signer's form fields, filled in the same revision.
    package var values: [FieldValue]
    /// Bytes kept for the CMS signature; `CMSSignature.reservedBytes` says how many a chain needs.
    package var placeholderBytes: Int

    /// Describes a revision.
    package init(
        fieldName: String, signerName: String, reason: String?, signingTime: Instant, appearanceLines: [String],
        values: [FieldValue] = [], placeholderBytes: Int
    ) {
        self.fieldName = fieldName
        self.signerName = signerName
        self.reason = reason
        self.signingTime = signingTime
        self.appearanceLines = appearanceLines
        self.values = values
        self.placeholderBytes = placeholderBytes
    }
}

/// The words of a visible signature.
package enum SignatureAppearance {
    /// Who signed and how, who sealed, when (in UTC, and saying so), and what it means.
    package static func lines(
        signerName: String, method: String, organisation: String, signingTime: Instant, meaning: String?
    ) -> [String] {
        var lines = ["Signed by \(signerName) (\(method))", "Sealed by \(organisation)", utc(signingTime)]
        if let meaning { lines.append(meaning) }
        return lines
    }

    /// For example "2026-11-20 12:00:00 UTC".
    package static func utc(_ time: Instant) -> String {
        let text = time.rfc3339(fractionDigits: 3)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
