// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import Foundation
import PDFSyntax
import Policy
import RetentionRules
import ServiceAPI

/// A stored original with its pages.
struct AdmittedFile: Sendable {
    let original: ObjectReference
    let fileName: String?
    let pages: [PageSize]
}

/// Joins a checked request and a checked file to an envelope.
struct DraftAdmission: Sendable {
    let principal: Principal
    let envelopeID: EnvelopeID
    let documentID: DocumentID
    let now: Instant

    /// - Throws: `ProblemDetails` with a pointer to each field that lies outside its page.
    func envelope(_ request: DraftRequest, _ file: AdmittedFile) throws(ProblemDetails) -> NewEnvelope {
        try check(request, file.pages)
        var fieldNumber = 0
        let recipients = request.signers.enumerated().map { index, signer in
            let fields = signer.fields.map { field in
                defer { fieldNumber += 1 }
                return FieldPlacement(
                    fieldID: FieldID(derivedID("field", fieldNumber)), key: field.key,
                    documentIndex: field.documentIndex, pageNumber: field.pageNumber, x: field.x, y: field.y,
                    width: field.width, height: field.height, fieldType: field.fieldType, isRequired: field.isRequired)
            }
            return Recipient(
                requestID: RequestID(derivedID("request", index)), key: signer.key, role: signer.role,
                orderIndex: signer.orderIndex, name: signer.name, email: signer.email, externalID: signer.externalID,
                locale: signer.locale, fields: fields)
        }
        let document = SourceDocument(
            documentID: documentID, documentIndex: 0, fileName: file.fileName, original: file.original,
            pageCount: file.pages.count)
        let draft = EnvelopeDraft(
            tenantID: principal.tenantID, envelopeID: envelopeID, createdAt: now, title: request.title,
            externalID: request.externalID, metadata: request.metadata, send: request.send,
            expiresAt: request.expiresAt, sender: request.sender, message: request.message,
            documentType: request.documentType, retentionClass: request.retentionClass,
            jurisdiction: request.jurisdiction, locale: request.locale, isLive: principal.isLive,
            padesLevel: principal.padesLevel == .basic ? nil : principal.padesLevel, documents: [document],
            recipients: recipients)
        let retention = RetentionClass.class(named: request.retentionClass, isLive: principal.isLive)
        let snapshot = EnvelopeText.firstSnapshot(
            of: draft, policy: BuiltInPolicy.decision(for: PolicyFacts(of: draft)),
            retentionClass: (retention ?? .default7Years).name)
        return NewEnvelope(draft: draft, accountID: principal.accountID, snapshot: snapshot, pages: [file.pages])
    }

    private func check(_ request: DraftRequest, _ pages: [PageSize]) throws(ProblemDetails) {
        var check = RequestChecker()
        for field in request.signers.flatMap(\.fields) {
            guard pages.indices.contains(field.pageNumber - 1) else {
                check.note(
                    "field_outside_page", "\(field.pointer)/page_number", "The document has \(pages.count) pages.")
                continue
            }
            let page = pages[field.pageNumber - 1]
            let geometry = PageGeometry(cropBox: PDFRectangle(0, 0, page.width, page.height), rotation: 0)
            do {
                _ = try geometry.userSpaceRectangle(x: field.x, y: field.y, width: field.width, height: field.height)
            } catch {
                check.note("field_outside_page", field.pointer, error.detail)
            }
        }
        try check.finish()
    }

    /// The same id for the same place in the same envelope, so that an attempt after a crash makes the same envelope; in
    /// the form of a UUIDv7 with the envelope's time.
    private func derivedID(_ kind: String, _ index: Int) -> UUID {
        let seed = Array("paraph/id/\(kind)/\(index)/".utf8) + envelopeID.bytes
        var bytes = Array(envelopeID.bytes.prefix(6)) + SHA256.digest(of: seed).prefix(10)
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(bytes: bytes) ?? envelopeID.uuid
    }
}
