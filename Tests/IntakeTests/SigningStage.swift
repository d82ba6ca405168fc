// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPClient
import Keys
import Postgres
import ServiceAPI
import Storage
import Testing

@testable import Intake

/// An envelope that was sent to one person, whose signing page is under test; the test plays the orchestrator.
struct SigningStage: Sendable {
    static let json = [("Accept", "application/json")]

    let intake: IntakeFixture
    let draft: EnvelopeDraft
    let prepared: ObjectReference

    /// Creates, prepares and sends; `change` edits the members of the request.
    static func open(
        _ intake: IntakeFixture, _ change: (inout [String: JSONValue]) -> Void = { _ in }
    ) async throws -> SigningStage {
        let fields = SigningSample.fieldTypes.enumerated().map { index, field in
            IntakeFixture.field(field.0) {
                $0["field_type"] = .string(field.1.rawValue)
                $0["required"] = .bool(field.2)
                $0["y"] = .integer(Int64(100 + index * 60))
            }
        }
        let answer = try await intake.create(
            IntakeFixture.draft {
                $0["signers"] = [IntakeFixture.signer("employee", order: 1, fields: fields)]
                change(&$0)
            })
        let id = try #require(answer.json["envelope_id"]?.stringValue.flatMap { UUID(uuidString: $0) })
        let rows = try await intake.backbone.pool.execute(
            PostgresStatement("select command from envelope_drafts where envelope_id = $1", [.uuid(id)]))
        let command: CreateEnvelopeV1 = try StoredJSON.value(rows.rows[0].string(0))
        let prepared = try await intake.context.objects.put(
            SampleFile.file(comment: "prepared"), tenant: command.tenantID.uuid, artifact: UUID(), area: .working
        ).reference
        let stage = SigningStage(intake: intake, draft: command.envelope, prepared: prepared)
        try await stage.move(1, .sent, .notified)
        return stage
    }

    var request: RequestID { draft.recipients[0].requestID }
    var document: DocumentID { draft.documents[0].documentID }

    /// What the orchestrator says happened.
    func move(
        _ sequence: Int64, _ status: EnvelopeStatus, _ signer: RequestStatus, generation: Int = 1,
        signedAt: Instant? = nil, store: IntakeStore? = nil, waiters: EnvelopeWaiters? = nil
    ) async throws {
        let base = EnvelopeText.firstSnapshot(
            of: draft, policy: try SigningSample.state().link.snapshot.policy, retentionClass: "default_7y")
        let snapshot = EnvelopeSnapshot(
            tenantID: draft.tenantID, envelopeID: draft.envelopeID, status: status, updatedAt: IntakeFixture.start,
            evidence: .pending, retentionClass: base.retentionClass, policy: base.policy,
            documents: base.documents.map {
                DocumentSnapshot(
                    documentID: $0.documentID, documentIndex: $0.documentIndex, original: $0.original,
                    preparedSHA256: prepared.sha256, prepared: prepared, current: prepared)
            },
            signers: [
                SignerSnapshot(
                    requestID: request, status: signer, generation: generation,
                    delivery: DeliverySnapshot(status: .accepted), openedAt: IntakeFixture.start, signedAt: signedAt)
            ], artifacts: [])
        try await intake.deliver(
            [
                EnvelopeEventV1(
                    changes: [EnvelopeChange(event: .envelopeSent)], occurredAt: IntakeFixture.start,
                    sequence: sequence,
                    snapshot: snapshot)
            ], store: store, waiters: waiters)
    }

    func path(_ generation: Int = 1) -> String {
        "/sign/\(intake.context.store.linkKey.token(request: request.uuid, generation: generation).uuidString.lowercased())"
    }

    // MARK: Requests

    func get(
        _ suffix: String = "", method: String = "GET", generation: Int = 1, headers: [(String, String)] = json
    ) async throws -> HTTPClientResponse {
        try await intake.send(method, path(generation) + suffix, token: "", headers: headers)
    }

    func post(
        _ suffix: String, _ body: JSONValue, generation: Int = 1
    ) async throws -> HTTPClientResponse {
        try await post(suffix, bytes: body.canonicalBytes(), generation: generation)
    }

    func post(
        _ suffix: String, bytes: [UInt8], type: String = "application/json", generation: Int = 1,
        headers: [(String, String)] = json
    ) async throws -> HTTPClientResponse {
        try await intake.send("POST", path(generation) + suffix, token: "", type: type, body: bytes, headers: headers)
    }

    /// As a browser posts a form.
    func form(_ suffix: String, _ text: String) async throws -> HTTPClientResponse {
        try await post(
            suffix, bytes: Array(text.utf8), type: "application/x-www-form-urlencoded",
            headers: [("Accept", "text/html,*/*;q=0.8")])
    }

    /// The right submission; `change` edits its members.
    func submission(_ change: (inout [String: JSONValue]) -> Void = { _ in }) -> JSONValue {
        var members: [String: JSONValue] = [
            "consent": [
                "agreed": true, "disclosure_sha256": .string(Disclosure.current.sha256.hex),
                "documents": [
                    [
                        "document_id": .string(document.description),
                        "prepared_sha256": .string(prepared.sha256.hex),
                    ]
                ],
            ],
            "fields": [["key": "place", "value": "Zürich"], ["key": "accepted", "value": true]],
        ]
        change(&members)
        return .object(members)
    }

    /// The same as a form.
    func formText(place: String = "Z%C3%BCrich") -> String {
        """
        field.place=\(place)&field.day=&field.accepted=true&agreed=true&\
        disclosure_sha256=\(Disclosure.current.sha256.hex)&prepared.\(document)=\(prepared.sha256.hex)
        """
    }

    /// Commands of recipients and the types of audit events they come with.
    func said() async throws -> [String] {
        let commands: Set = [RecordViewV1.messageType, SubmitFieldsV1.messageType, DeclineRequestV1.messageType]
        return try await intake.outbox().compactMap { row in
            if commands.contains(row.type) { return row.type }
            let type = row.payload["event_type"]?.stringValue ?? ""
            return type.hasPrefix("recipient.") || type == "document.previewed" ? type : nil
        }
    }
}

extension HTTPClientResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
