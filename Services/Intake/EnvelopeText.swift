// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes

/// The API's answer about an envelope, made of parts that never change and of the newest snapshot.
///
/// Parts are members without their braces: the envelope's, then each document's, then each signer's. A snapshot is joined
/// to them without reading the draft again.
enum EnvelopeText {
    static func parts(of draft: EnvelopeDraft, pages: [[PageSize]]) -> [[UInt8]] {
        var parts = [members(envelope(draft))]
        for (index, document) in draft.documents.enumerated() {
            parts.append(members(self.document(document, pages: pages.indices.contains(index) ? pages[index] : [])))
        }
        for recipient in draft.recipients { parts.append(members(signer(recipient))) }
        return parts
    }

    /// - Parameter isReleased: Whether the sender asked for it to be sent; `sent` is announced from then on.
    static func body(parts: [[UInt8]], snapshot: EnvelopeSnapshot, isReleased: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(parts.reduce(512) { $0 + $1.count + 256 })
        out.append(UInt8(ascii: "{"))
        out += parts.first ?? []
        let state: JSONValue = [
            "status": .string(status(of: snapshot, isReleased: isReleased)),
            "evidence": .string(snapshot.evidence.rawValue),
            "automation": snapshot.automation.map { .string($0.rawValue) } ?? .null,
            "updated_at": time(snapshot.updatedAt), "completed_at": time(snapshot.completedAt),
            "artifacts": .array(snapshot.artifacts.map(artifact)),
        ]
        append(members(state), to: &out)
        let documents = zip(parts.dropFirst(), snapshot.documents).map { (Array($0), document($1)) }
        append(list("documents", documents), to: &out)
        let signers = zip(parts.dropFirst(1 + snapshot.documents.count), snapshot.signers).map {
            (Array($0), signer($1))
        }
        append(list("signers", signers), to: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// The state of an envelope that the orchestrator has not seen yet.
    static func firstSnapshot(
        of draft: EnvelopeDraft, policy: PolicyDecision, retentionClass: String
    ) -> EnvelopeSnapshot {
        EnvelopeSnapshot(
            tenantID: draft.tenantID, envelopeID: draft.envelopeID, status: .draft, updatedAt: draft.createdAt,
            evidence: .pending, retentionClass: retentionClass, policy: policy,
            documents: draft.documents.map {
                DocumentSnapshot(documentID: $0.documentID, documentIndex: $0.documentIndex, original: $0.original)
            },
            signers: draft.recipients.map {
                SignerSnapshot(
                    requestID: $0.requestID, status: .pending, generation: 1,
                    delivery: DeliverySnapshot(status: .queued))
            }, artifacts: [])
    }

    /// The public word: an envelope counts as sent from the moment the sender let go of it.
    static func status(of snapshot: EnvelopeSnapshot, isReleased: Bool) -> String {
        switch snapshot.status {
        case .draft, .prepared: isReleased ? "sent" : "draft"
        case .sent, .inProgress, .completed, .declined, .voided, .expired, .failed: snapshot.status.rawValue
        }
    }

    /// The public word: between consent and signature nothing has changed that a sender could act on.
    static func status(of signer: SignerSnapshot) -> String {
        switch signer.status {
        case .consented, .signing: "viewed"
        case .pending, .notified, .viewed, .signed, .declined, .delegated, .expired, .superseded:
            signer.status.rawValue
        }
    }

    // MARK: - What never changes

    private static func envelope(_ draft: EnvelopeDraft) -> JSONValue {
        [
            "document_id": draft.documents.first.map { .string($0.documentID.description) } ?? .null,
            "envelope_id": .string(draft.envelopeID.description), "livemode": .bool(draft.isLive),
            "created_at": time(draft.createdAt), "batch_id": .null, "title": .string(draft.title),
            "external_id": text(draft.externalID), "metadata": .object(draft.metadata), "send": .bool(draft.send),
            "expires_at": time(draft.expiresAt),
            "sender": [
                "name": .string(draft.sender.name), "email": .string(draft.sender.email),
                "organisation": .string(draft.sender.organisation),
            ],
            "message": draft.message.map { ["subject": text($0.subject), "body": text($0.body)] } ?? .null,
            "document_type": text(draft.documentType), "retention_class": text(draft.retentionClass),
            "jurisdiction": text(draft.jurisdiction), "locale": .string(draft.locale),
        ]
    }

    private static func document(_ document: SourceDocument, pages: [PageSize]) -> JSONValue {
        [
            "document_id": .string(document.documentID.description),
            "document_index": .integer(Int64(document.documentIndex)), "file_name": text(document.fileName),
            "original_sha256": .string(document.original.sha256.hex), "size": .integer(Int64(document.original.size)),
            "pages": self.pages(pages),
        ]
    }

    static func pages(_ pages: [PageSize]) -> JSONValue {
        .array(pages.map { ["width": .number($0.width), "height": .number($0.height)] })
    }

    private static func signer(_ recipient: Recipient) -> JSONValue {
        [
            "request_id": .string(recipient.requestID.description), "key": .string(recipient.key),
            "role": .string(recipient.role.rawValue), "order_index": .integer(Int64(recipient.orderIndex)),
            "name": .string(recipient.name), "email": .string(recipient.email),
            "external_id": text(recipient.externalID), "locale": text(recipient.locale),
            "fields": .array(recipient.fields.map(field)),
        ]
    }

    private static func field(_ field: FieldPlacement) -> JSONValue {
        [
            "key": .string(field.key), "document_index": .integer(Int64(field.documentIndex)),
            "page_number": .integer(Int64(field.pageNumber)), "x": .number(field.x), "y": .number(field.y),
            "width": .number(field.width), "height": .number(field.height),
            "field_type": .string(field.fieldType.rawValue), "required": .bool(field.isRequired),
        ]
    }

    // MARK: - What changes

    private static func document(_ document: DocumentSnapshot) -> JSONValue {
        [
            "prepared_sha256": text(document.preparedSHA256?.hex), "signed_sha256": text(document.signedSHA256?.hex),
        ]
    }

    private static func signer(_ signer: SignerSnapshot) -> JSONValue {
        [
            "status": .string(status(of: signer)),
            "delivery": [
                "status": .string(signer.delivery.status.rawValue), "reason": text(signer.delivery.reason),
            ],
            "notified_at": time(signer.notifiedAt), "viewed_at": time(signer.viewedAt),
            "signed_at": time(signer.signedAt), "declined_at": time(signer.declinedAt),
        ]
    }

    private static func artifact(_ artifact: Artifact) -> JSONValue {
        [
            "artifact_id": .string(artifact.artifactID.description), "kind": .string(artifact.kind.rawValue),
            "version": .integer(Int64(artifact.version)), "pades_level": .string(artifact.padesLevel.rawValue),
            "sha256": .string(artifact.object.sha256.hex), "size": .integer(Int64(artifact.object.size)),
            "created_at": time(artifact.createdAt),
        ]
    }

    // MARK: - Text

    static func time(_ instant: Instant?) -> JSONValue {
        instant.map { .string($0.rfc3339(fractionDigits: 3)) } ?? .null
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    /// Canonical bytes of an object without its braces.
    private static func members(_ object: JSONValue) -> [UInt8] {
        Array(object.canonicalBytes().dropFirst().dropLast())
    }

    private static func list(_ name: String, _ items: [([UInt8], JSONValue)]) -> [UInt8] {
        var out = Array("\"\(name)\":[".utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append(UInt8(ascii: "{"))
            out += item.0
            out.append(UInt8(ascii: ","))
            out += members(item.1)
            out.append(UInt8(ascii: "}"))
        }
        out.append(UInt8(ascii: "]"))
        return out
    }

    private static func append(_ members: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: ","))
        out += members
    }
}
