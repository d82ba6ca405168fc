// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import PDFSyntax

/// Verifies every signature and document timestamp of a PDF from its bytes alone (EN 319 102-1; EN 319 142-1).
///
/// Nothing is fetched, and nothing depends on who has an account where: certificates, revocation data and timestamps
/// are those in the file. Large files are read in pieces.
package struct SignatureVerifier: Sendable {
    private let document: PDFDocument
    private let source: any ByteSource
    private let limits: PDFLimits
    private let password: String?

    /// Opens the document; an encrypted one with the empty password, or with this one.
    /// - Throws: `PDFError` when it cannot be read as a PDF.
    package init(source: any ByteSource, limits: PDFLimits = .default, password: String? = nil) throws(PDFError) {
        document = try PDFDocument(source: source, limits: limits, password: password)
        self.source = source
        self.limits = limits
        self.password = password
    }

    /// Checks every signed field.
    /// - Throws: `PDFError` when the form cannot be walked, or the source fails; a bad signature is no error.
    package func verify(_ policy: VerificationPolicy) throws(PDFError) -> VerificationReport {
        let (limits, password) = (limits, password)
        var run = try DocumentVerification(document, source: source, policy: policy) { source throws(PDFError) in
            try PDFDocument(source: source, limits: limits, password: password)
        }
        return try run.report()
    }
}
