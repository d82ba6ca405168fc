// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation

@testable import Intake

/// Values for tests of the signing pages that need no database.
enum SigningSample {
    static let now = IntakeFixture.start
    static let digest = String(repeating: "a7", count: 32)
    static let fieldTypes: [(String, FieldType, Bool)] = [
        ("signature", .signature, true), ("place", .text, true), ("day", .date, false), ("box", .checkbox, false),
        ("accepted", .checkbox, true),
    ]

    /// The state behind a link: one document, one recipient with a field of each kind.
    static func state(
        status: RequestStatus = .notified, envelope: EnvelopeStatus = .sent, acts: Set<RecipientAct> = [],
        generation: Int = 1, current: Int = 1, openedAt: Instant? = now, expiresAt: Instant? = nil,
        role: RecipientRole = .signer, name: String = "Ada", title: String = "Offer"
    ) throws -> SigningState {
        let ids = IDSource.sequential(seed: 7)
        let tenant = TenantID(ids.next())
        let request = RequestID(ids.next())
        let document = DocumentID(ids.next())
        guard let hash = ContentDigest(hex: digest) else { throw CancellationError() }
        let object = ObjectReference(
            tenantID: tenant, artifactID: ArtifactID(ids.next()), sha256: hash, size: 10,
            dataKeyID: DataKeyID(ids.next()))
        let fields = fieldTypes.enumerated().map { index, field in
            FieldPlacement(
                fieldID: FieldID(ids.next()), key: field.0, documentIndex: 0, pageNumber: 1, x: 10,
                y: Double(index) * 30, width: 100, height: 20, fieldType: field.1, isRequired: field.2)
        }
        let recipient = Recipient(
            requestID: request, key: "ada", role: role, orderIndex: 1, name: name, email: "ada@example.com",
            fields: fields)
        let draft = EnvelopeDraft(
            tenantID: tenant, envelopeID: EnvelopeID(ids.next()), createdAt: now, title: title, send: true,
            expiresAt: expiresAt,
            sender: Sender(name: "Petra", email: "petra@example.com", organisation: "Example Ltd"), locale: "en",
            isLive: true,
            documents: [
                SourceDocument(
                    documentID: document, documentIndex: 0, fileName: nil, original: object, pageCount: 1)
            ], recipients: [recipient])
        let snapshot = EnvelopeSnapshot(
            tenantID: tenant, envelopeID: draft.envelopeID, status: envelope, updatedAt: now, evidence: .pending,
            retentionClass: "default_7y",
            policy: PolicyDecision(
                policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
                padesLevel: .basic),
            documents: [
                DocumentSnapshot(
                    documentID: document, documentIndex: 0, original: object, preparedSHA256: hash, prepared: object,
                    current: object)
            ],
            signers: [
                SignerSnapshot(
                    requestID: request, status: status, generation: current,
                    delivery: DeliverySnapshot(status: .accepted), openedAt: openedAt)
            ], artifacts: [])
        return SigningState(
            link: SigningLink(
                tenantID: tenant, envelopeID: draft.envelopeID, requestID: request, generation: generation,
                draft: draft, snapshot: snapshot, sequence: 1, pages: [[PageSize(width: 612, height: 792)]]),
            acts: acts)
    }

    /// A submission that is right for `state`; `change` edits its members.
    static func submission(
        for state: SigningState, _ change: (inout [String: JSONValue]) -> Void = { _ in }
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "consent": .object(consent(for: state)),
            "fields": [["key": "place", "value": "Zürich"], ["key": "accepted", "value": true]],
        ]
        change(&members)
        return .object(members)
    }

    static func consent(
        for state: SigningState, document change: (inout [String: JSONValue]) -> Void = { _ in }
    ) -> [String: JSONValue] {
        let documents = state.documents.map { document -> JSONValue in
            var members: [String: JSONValue] = [
                "document_id": .string(document.documentID.description),
                "prepared_sha256": document.preparedSHA256.map { .string($0.hex) } ?? .null,
            ]
            change(&members)
            return .object(members)
        }
        return [
            "agreed": true, "disclosure_sha256": .string(Disclosure.current.sha256.hex), "documents": .array(documents),
        ]
    }

    // MARK: Pictures

    static func png(width: Int, height: Int, complete: Bool = true) -> [UInt8] {
        func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
            big(content.count, 4) + Array(type.utf8) + content + [0, 0, 0, 0]
        }
        let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        return head + chunk("IHDR", big(width, 4) + big(height, 4) + [8, 0, 0, 0, 0]) + chunk("IDAT", [1, 2, 3])
            + (complete ? chunk("IEND", []) : [])
    }

    static func jpeg(width: Int, height: Int, frame: UInt8 = 0xC0, complete: Bool = true) -> [UInt8] {
        let comment: [UInt8] = [0xFF, 0xFE, 0, 4, 1, 2]
        let header: [UInt8] = [0xFF, frame, 0, 11, 8] + big(height, 2) + big(width, 2) + [1, 1, 0x11, 0]
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x55]
        return [0xFF, 0xD8] + comment + header + scan + (complete ? [0xFF, 0xD9] : [])
    }

    private static func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }
}
