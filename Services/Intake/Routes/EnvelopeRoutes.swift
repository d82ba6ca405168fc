// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import HTTPServer
import Messaging
import Postgres
import ServiceAPI

extension APIRoutes {
    /// Answers `POST /v1/envelopes/{envelope_id}/send`.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await act(on: request, scope: .sendEnvelopes, members: []) { known, _, principal, now in
            guard !known.snapshot.status.isTerminal else { throw Self.ended }
            guard !known.isReleased else { throw ProblemDetails(.alreadySent, "The envelope was sent before.") }
            let command = SendEnvelopeV1(
                tenantID: known.tenantID, envelopeID: known.envelopeID, requestedBy: principal.actor, requestedAt: now)
            let event = fact(
                "envelope.send_requested", by: principal, subject: .envelope(known.envelopeID),
                documentID: known.documentID, at: now)
            let body = EnvelopeText.body(parts: known.parts, snapshot: known.snapshot, isReleased: true)
            return Step(
                event: event,
                command: try OutgoingMessage(
                    command, key: known.envelopeID.uuid, tenantID: known.tenantID.uuid),
                rows: Self.release(known, body: body), body: body)
        }
    }

    /// Answers `POST /v1/envelopes/{envelope_id}/void`.
    func void(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await act(on: request, scope: .voidEnvelopes, members: ["reason"]) { known, members, principal, now in
            var check = RequestChecker()
            let reason = check.string(members, "reason", "", maximum: Limits.reasonCharacters, required: true)
            try check.finish()
            guard !known.snapshot.status.isTerminal else { throw Self.ended }
            let command = VoidEnvelopeV1(
                tenantID: known.tenantID, envelopeID: known.envelopeID, requestedBy: principal.actor, requestedAt: now,
                reason: reason ?? "")
            let event = fact(
                "envelope.void_requested", by: principal, subject: .envelope(known.envelopeID),
                documentID: known.documentID, at: now)
            return Step(
                event: event, text: reason,
                command: try OutgoingMessage(
                    command, key: known.envelopeID.uuid, tenantID: known.tenantID.uuid), body: known.body)
        }
    }

    /// Answers `POST /v1/envelopes/{envelope_id}/recipients/{request_id}/resend`.
    func resend(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await act(on: request, scope: .sendEnvelopes, members: []) { known, _, principal, now in
            let id: RequestID = try Self.id("request_id", request)
            guard let signer = known.snapshot.signers.first(where: { $0.requestID == id }) else { throw Self.notFound }
            guard !known.snapshot.status.isTerminal else { throw Self.ended }
            guard signer.openedAt != nil else {
                throw ProblemDetails(.notOpen, "The recipient gets a link when the order reaches them.")
            }
            guard signer.status.isActionable else {
                throw ProblemDetails(.alreadySigned, "The recipient has acted; a new link would open nothing.")
            }
            let generation = signer.generation + 1
            let command = ResendRequestV1(
                tenantID: known.tenantID, envelopeID: known.envelopeID, requestID: id, generation: generation,
                requestedBy: principal.actor, requestedAt: now)
            let event = fact(
                "recipient.resend_requested", by: principal, subject: .envelope(known.envelopeID),
                documentID: known.documentID, requestID: id, at: now)
            return Step(
                event: event,
                command: try OutgoingMessage(
                    command, key: known.envelopeID.uuid, tenantID: known.tenantID.uuid),
                rows: [
                    context.store.insertLink(
                        request: id, generation: generation, envelope: known.envelopeID, tenant: known.tenantID)
                ], body: known.body)
        }
    }

    // MARK: Parts

    /// What one act says and changes; the orchestrator decides about it, so the answer is 202.
    private struct Step {
        let event: AuditFact
        /// What the sender wrote.
        var text: String?
        let command: OutgoingMessage
        var rows: [PostgresStatement] = []
        let body: [UInt8]
    }

    private static let ended = ProblemDetails(.envelopeEnded, "Its status says how; nothing can change any more.")

    private func act(
        on request: HTTPRequest, scope: Scope, members: Set<String>,
        _ step: (KnownEnvelope, [String: JSONValue], Principal, Instant) throws -> Step
    ) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: scope)
        try Self.checkQuery(request, allowed: [])
        try context.admission.checkRecipientAct()
        let id: EnvelopeID = try Self.id("envelope_id", request)
        let type = Self.mediaType(request)
        guard type.isEmpty || type == "application/json" else {
            throw ProblemDetails(.unsupportedMediaType, "Send Content-Type: application/json.")
        }
        return try await idempotency.respond(
            to: request, tenantID: principal.tenantID.uuid, serviceAccountID: principal.accountID.uuid,
            maximumBytes: Limits.actBytes
        ) { call, json in
            var check = RequestChecker()
            let given = check.object(json, "", allowed: members) ?? [:]
            try check.finish()
            let now = context.clock.now()
            return try await context.pool.withTransaction { transaction in
                guard let known = try await context.store.lock(id, tenant: principal.tenantID, in: transaction),
                    principal.sees(known.accountID)
                else { throw Self.notFound }
                let step = try step(known, given, principal, now)
                let response = HTTPResponse(
                    status: 202, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
                    body: .bytes(step.body))
                let act = Act(audit: [try audit(step.event, request, text: step.text)], messages: [step.command])
                try await commit(call, response, [act], step.rows, in: transaction)
                return response
            }
        }
    }

    private static func release(_ known: KnownEnvelope, body: [UInt8]) -> [PostgresStatement] {
        let status = EnvelopeText.status(of: known.snapshot, isReleased: true)
        let key: [PostgresValue] = [.uuid(known.tenantID.uuid), .uuid(known.envelopeID.uuid)]
        return [
            PostgresStatement(
                "update envelopes set is_released = true, status = $3 where tenant_id = $1 and envelope_id = $2",
                key + [.text(status)]),
            PostgresStatement(
                """
                update documents set status = $3, body = $4
                where tenant_id = $1 and document_id = any ($2)
                """,
                [
                    key[0], .uuidArray(known.snapshot.documents.map(\.documentID.uuid)), .text(status), .bytea(body),
                ]),
        ]
    }
}
