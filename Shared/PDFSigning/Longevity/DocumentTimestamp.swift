// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax
import Timestamping

/// A document timestamp in an invisible field of its own (ISO 32000-2, 12.8.5; EN 319 142-1, 5.4.3).
struct DocumentTimestamp {
    private static let pieceBytes = 1 << 20
    /// Fields named by others are counted past so far.
    private static let maximumNumber = 100_000
    private static let maximumMetadataBytes = 1 << 20

    let client: TimestampAuthorityClient
    let budgetSeconds: Double

    /// Ends the draft with a timestamp over the document and everything that the draft adds.
    /// - Throws: `TimestampError` when there is none, `PDFError`.
    func revision(ending draft: consuming RevisionDraft) async throws -> [UInt8] {
        let document = draft.document
        let prepared = try Self.prepare(draft, contentsBytes: client.reservedBytes)
        var hasher = DigestHasher(client.algorithm)
        var position = 0
        while position < document.size {
            let end = min(position + Self.pieceBytes, document.size)
            hasher.update(try document.bytes(position..<end))
            position = end
        }
        var token = try await token(for: prepared, hasher)
        if token.count <= prepared.contentsBytes { return try prepared.embedding(cms: token) }
        let larger = try Self.prepare(draft, contentsBytes: token.count + token.count / 4)
        token = try await self.token(for: larger, hasher)
        return try larger.embedding(cms: token)
    }

    private func token(
        for prepared: PreparedSignature, _ hasher: DigestHasher
    ) async throws(TimestampError) -> [UInt8] {
        try await client.token(imprint: prepared.digest(baseHash: hasher), budgetSeconds: budgetSeconds).der
    }

    private static func prepare(
        _ draft: RevisionDraft, contentsBytes: Int
    ) throws(PDFError) -> PreparedSignature {
        var draft = draft
        let document = draft.document
        var form = FormEdit(try document.interactiveForm())
        var addition = FieldAddition()
        let value = try draft.update.newReference()
        var widget = try addition.widget(
            for: PreparedField(name: try freeName(in: document), kind: .signature, placement: nil), in: &draft,
            hasAppearance: claimsPDFA1(document))
        widget.dictionary["V"] = .reference(value)
        draft.update.write(widget.dictionary, at: widget.reference)
        try addition.attach(to: &draft, form: &form, isFirst: false)
        try form.markSigned(in: draft)
        try form.apply(to: &draft)
        let placeholder = SignatureDictionary(.documentTimestamp).write(
            to: &draft.update, at: value, contentsBytes: contentsBytes)
        return try PreparedSignature(draft: draft, placeholder: placeholder)
    }

    /// PDF/A-1 wants an appearance on every field (6.9); elsewhere a document timestamp has none (ISO 32000-2, 12.8.5),
    /// and strict readers take one for a change that a certified document forbids.
    private static func claimsPDFA1(_ document: PDFDocument) -> Bool {
        guard let metadata = try? document.resolved(document.catalog["Metadata"]), case .stream(let stream) = metadata,
            let data = try? document.data(of: stream), data.count <= maximumMetadataBytes
        else { return false }
        let text = String(decoding: data, as: UTF8.self)
        return text.contains("pdfaid:part>1<") || text.contains("pdfaid:part=\"1\"")
            || text.contains("pdfaid:part='1'")
    }

    private static func freeName(in document: PDFDocument) throws(PDFError) -> String {
        let taken = Set(try document.formFields().map(\.name))
        for number in 1...maximumNumber where !taken.contains("Timestamp\(number)") { return "Timestamp\(number)" }
        throw PDFError(.tooComplex, "The document has more than \(maximumNumber) timestamps.")
    }
}
