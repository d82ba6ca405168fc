// SPDX-License-Identifier: Apache-2.0

/// Why a document cannot be read or prepared; the detail is fit for the person who uploaded it.
package struct PDFError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of refusal; raw values are problem codes of the API.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// No `%PDF-` header.
        case notAPDF = "not_a_pdf"
        /// The end of the file is missing.
        case truncated = "pdf_truncated"
        /// The structure contradicts itself or ISO 32000.
        case damaged = "pdf_damaged"
        /// The trailer names an encryption dictionary.
        case encrypted = "pdf_encrypted"
        /// A limit of `PDFLimits` was reached.
        case tooComplex = "pdf_too_complex"
        /// Legal, but nothing that can be signed here, for example because it is certified against any change.
        case unsupported = "pdf_unsupported"
        /// A field rectangle lies outside its page, or there is no such page.
        case fieldOutsidePage = "field_outside_page"
        /// A field of that name exists already, or is asked for twice.
        case fieldNameTaken = "field_name_taken"
        /// There is no open field of that name and type.
        case fieldMissing = "field_missing"
        /// The signature does not fit the space that was reserved for it.
        case placeholderTooSmall = "placeholder_too_small"
        /// A signature image or drawing that cannot be shown.
        case imageUnusable = "image_unusable"
        /// A font that appearances need is not installed: a failure of the installation, not of the document.
        case fontMissing = "font_missing"
        /// The bytes could not be read: a failure of the store, not of the document.
        case sourceUnreadable = "source_unreadable"
    }

    /// What kind of refusal it is.
    package let code: Code
    /// A sentence that says where and why.
    package let detail: String

    /// Pairs a kind with its sentence.
    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The code and the sentence.
    package var description: String { "\(code.rawValue): \(detail)" }

    static func damaged(_ detail: String) -> PDFError { PDFError(.damaged, detail) }
    static func tooComplex(_ detail: String) -> PDFError { PDFError(.tooComplex, detail) }
    static func unsupported(_ detail: String) -> PDFError { PDFError(.unsupported, detail) }
}
