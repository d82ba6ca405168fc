// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes

/// The JSON form of the signing page, for integrations that show it in their own way.
struct SigningView {
    let state: SigningState
    let token: String

    private var link: SigningLink { state.link }

    var json: JSONValue {
        let draft = link.draft
        return .object([
            "status": .string(state.status.rawValue), "request_id": .string(link.requestID.description),
            "envelope": .object([
                "envelope_id": .string(link.envelopeID.description), "title": .string(draft.title),
                "expires_at": draft.expiresAt.map { .string($0.rfc3339(fractionDigits: 3)) } ?? .null,
                "sender": .object([
                    "name": .string(draft.sender.name), "email": .string(draft.sender.email),
                    "organisation": .string(draft.sender.organisation),
                ]),
                "message": draft.message?.body.map(JSONValue.string) ?? .null,
            ]),
            "signer": .object([
                "key": .string(link.recipient?.key ?? ""), "name": .string(link.recipient?.name ?? ""),
                "order_index": .integer(Int64(link.recipient?.orderIndex ?? 1)),
            ]),
            "legal_effect": .string(Disclosure.legalEffect), "how_to_refuse": .string(Disclosure.howToRefuse),
            "disclosure": disclosure, "documents": .array(state.documents.map(document)),
            "fields": .array((link.recipient?.fields ?? []).map(field)),
        ])
    }

    private var disclosure: JSONValue {
        let disclosure = Disclosure.current
        return .object([
            "id": .string(disclosure.id), "version": .string(disclosure.version),
            "sha256": .string(disclosure.sha256.hex), "language": .string(disclosure.language),
            "text": .string(disclosure.text),
        ])
    }

    private func document(_ document: DocumentSnapshot) -> JSONValue {
        let pages = document.documentIndex < link.pages.count ? link.pages[document.documentIndex] : []
        return .object([
            "document_id": .string(document.documentID.description),
            "document_index": .integer(Int64(document.documentIndex)), "title": .string(link.draft.title),
            "prepared_sha256": document.preparedSHA256.map { .string($0.hex) } ?? .null,
            "revision_sha256": document.current.map { .string($0.sha256.hex) } ?? .null,
            "size": .integer(Int64(document.prepared?.size ?? 0)),
            "pages": .array(
                pages.map { .object(["width": .number($0.width), "height": .number($0.height)]) }),
            "url": .string("/sign/\(token)/documents/\(document.documentID)"),
        ])
    }

    private func field(_ field: FieldPlacement) -> JSONValue {
        .object([
            "key": .string(field.key), "field_type": .string(field.fieldType.rawValue),
            "required": .bool(field.isRequired), "document_index": .integer(Int64(field.documentIndex)),
            "page_number": .integer(Int64(field.pageNumber)), "x": .number(field.x), "y": .number(field.y),
            "width": .number(field.width), "height": .number(field.height),
        ])
    }
}

extension SigningState {
    /// What `status` and every act answer.
    var progress: JSONValue {
        var members: [String: JSONValue] = ["status": .string(status.rawValue)]
        members["signed_at"] = link.signer?.signedAt.map { .string($0.rfc3339(fractionDigits: 3)) } ?? .null
        return .object(members)
    }
}
