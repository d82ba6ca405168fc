// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPServer
import Idempotency
import Messaging
import PDFSyntax
import Postgres
import ServiceAPI
import Storage

extension APIRoutes {
    /// `POST /v1/documents`: an envelope with one document, from a form with the file or from an earlier upload.
    func create(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: .createEnvelopes)
        try Self.checkQuery(request, allowed: [])
        try context.admission.checkNewWork()
        switch Self.mediaType(request) {
        case "multipart/form-data": return try await createFromForm(request, principal)
        case "application/json": return try await createFromUpload(request, principal)
        default:
            throw ProblemDetails(.unsupportedMediaType, "Send multipart/form-data with document and file, or JSON.")
        }
    }

    private func createFromForm(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        let reserved = ["envelope": context.ids.next(), "document": context.ids.next(), "artifact": context.ids.next()]
        return try await idempotency.stream(
            request, tenantID: principal.tenantID.uuid, serviceAccountID: principal.accountID.uuid, reserving: reserved
        ) { call in
            let form = try await DocumentForm.read(
                request, call: call, tenant: principal.tenantID, artifact: try Self.reserved("artifact", call),
                receiver: receiver)
            return try await keepingOrDiscarding(form.file) {
                try call.confirm(RequestFingerprint(json: form.json, fileSHA256: [form.file.sha256]))
                let now = context.clock.now()
                let draft = try DraftRequest(form.json, for: principal, hasFile: true, at: now)
                guard let object = form.file.object else { throw IdempotentCallError.notConfirmed }
                let pages = try await receiver.pages(of: object)
                let file = AdmittedFile(original: object.reference, fileName: form.fileName, pages: pages)
                return try await create(draft, file, call, request, principal, at: now)
            }
        }
    }

    private func createFromUpload(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        try await idempotency.respond(
            to: request, tenantID: principal.tenantID.uuid, serviceAccountID: principal.accountID.uuid,
            maximumBytes: Limits.draftBytes,
            reserving: ["envelope": context.ids.next(), "document": context.ids.next()]
        ) { call, json in
            let now = context.clock.now()
            let draft = try DraftRequest(json, for: principal, hasFile: false, at: now)
            guard let id = draft.uploadID, let file = try await upload(id, of: principal, at: now) else {
                throw ProblemDetails(
                    .validationFailed, "Each entry of errors points at a fault; nothing was done.",
                    errors: [
                        ProblemDetails.Item(
                            pointer: "/documents/0/upload_id", code: "unknown_upload",
                            detail: "There is no such upload; uploads are usable for 24 hours.")
                    ])
            }
            return try await create(draft, file, call, request, principal, at: now)
        }
    }

    private func create(
        _ draft: DraftRequest, _ file: AdmittedFile, _ call: IdempotentCall, _ request: HTTPRequest,
        _ principal: Principal, at now: Instant
    ) async throws -> HTTPResponse {
        guard !draft.send || principal.scopes.contains(.sendEnvelopes) else {
            throw ProblemDetails(.forbidden, "The token needs the scope envelopes:send for send: true.")
        }
        let admission = DraftAdmission(
            principal: principal, envelopeID: EnvelopeID(try Self.reserved("envelope", call)),
            documentID: DocumentID(try Self.reserved("document", call)), now: now)
        let new = try admission.envelope(draft, file)
        let response = HTTPResponse(
            status: 201,
            headers: [
                ("Content-Type", "application/json"), ("Location", "/v1/documents/\(admission.documentID)"),
            ], body: .bytes(new.body))
        let command = try OutgoingMessage(
            CreateEnvelopeV1(
                tenantID: new.draft.tenantID, envelopeID: new.draft.envelopeID, requestedBy: principal.actor,
                envelope: new.draft), key: new.draft.envelopeID.uuid, tenantID: new.draft.tenantID.uuid)
        try await creation.create(
            EnvelopeRows(new, command: command.payload, linkKey: context.store.linkKey),
            saying: Act(audit: try events(of: new, request, principal, at: now), messages: [command]), call, response)
        return response
    }

    private func events(
        of new: NewEnvelope, _ request: HTTPRequest, _ principal: Principal, at now: Instant
    ) throws -> [OutgoingMessage] {
        let draft = new.draft
        let subject = AuditSubject.envelope(draft.envelopeID)
        let uploaded = try draft.documents.map { document in
            try audit(
                fact(
                    "document.uploaded", by: principal, subject: subject, documentID: document.documentID,
                    artifactID: document.original.artifactID, hashes: ["original_sha256": document.original.sha256],
                    metadata: ["source": "api", "size": .integer(Int64(document.original.size))], at: now), request)
        }
        let requested = try audit(
            fact(
                "envelope.requested", by: principal, subject: subject, documentID: draft.documents.first?.documentID,
                metadata: ["send": .bool(draft.send), "signers": .integer(Int64(draft.recipients.count))], at: now),
            request)
        return uploaded + [requested]
    }

    /// `POST /v1/uploads`: a PDF that many envelopes can begin with.
    func upload(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: .createEnvelopes)
        try Self.checkQuery(request, allowed: [])
        try context.admission.checkNewWork()
        guard ["application/pdf", "application/octet-stream"].contains(Self.mediaType(request)) else {
            throw ProblemDetails(.unsupportedMediaType, "Send the PDF itself with Content-Type: application/pdf.")
        }
        return try await idempotency.stream(
            request, tenantID: principal.tenantID.uuid, serviceAccountID: principal.accountID.uuid,
            reserving: ["artifact": context.ids.next()]
        ) { call in
            let chunks = request.body.chunks()
            let file = try await receiver.receive(
                tenant: principal.tenantID, artifact: try Self.reserved("artifact", call), isStored: !call.isReplay,
                keepAlive: call.keepAlive, next: chunks.next)
            return try await keepingOrDiscarding(file) {
                try call.confirm(RequestFingerprint(fileSHA256: [file.sha256]))
                guard let object = file.object else { throw IdempotentCallError.notConfirmed }
                return try await keep(object, call, request, principal)
            }
        }
    }

    private func keep(
        _ object: StoredObject, _ call: IdempotentCall, _ request: HTTPRequest, _ principal: Principal
    ) async throws -> HTTPResponse {
        let pages = try await receiver.pages(of: object)
        let now = context.clock.now()
        let expiresAt = now.advanced(bySeconds: Limits.uploadSeconds)
        let response = HTTPResponse.json(
            [
                "upload_id": .string(object.artifact.text), "original_sha256": .string(Hex.encode(object.sha256)),
                "size": .integer(Int64(object.size)), "pages": EnvelopeText.pages(pages),
                "expires_at": EnvelopeText.time(expiresAt),
            ], status: 201)
        let event = try audit(
            fact(
                "document.uploaded", by: principal, subject: .tenant, artifactID: ArtifactID(object.artifact),
                hashes: ["original_sha256": object.reference.sha256],
                metadata: ["source": "api", "size": .integer(Int64(object.size))], at: now), request)
        let row = PostgresStatement(
            """
            insert into uploads (tenant_id, upload_id, account_id, original_sha256, size, data_key_id, pages, created_at,
                expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .uuid(principal.tenantID.uuid), .uuid(object.artifact), .uuid(principal.accountID.uuid),
                .bytea(object.sha256), .int8(Int64(object.size)), .uuid(object.dataKeyID),
                .text(try StoredJSON.text(pages)), .timestamptz(now), .timestamptz(expiresAt),
            ])
        try await context.pool.withTransaction { transaction in
            try await commit(call, response, [Act(audit: [event])], [row], in: transaction)
        }
        return response
    }

    private func upload(_ id: UUID, of principal: Principal, at now: Instant) async throws -> AdmittedFile? {
        let result = try await context.pool.execute(
            PostgresStatement(
                """
                select account_id, original_sha256, size, data_key_id, pages from uploads
                where tenant_id = $1 and upload_id = $2 and expires_at > $3
                """, [.uuid(principal.tenantID.uuid), .uuid(id), .timestamptz(now)]))
        guard let row = result.rows.first, principal.sees(ServiceAccountID(try row.uuid(0))) else { return nil }
        let object = StoredObject(
            tenant: principal.tenantID.uuid, artifact: id, sha256: try row.bytes(1), size: try row.int(2),
            dataKeyID: try row.uuid(3))
        return AdmittedFile(
            original: object.reference, fileName: nil, pages: try StoredJSON.value(row.string(4)))
    }

    /// Removes the stored file when the request is refused; after a failure of ours it stays for the next attempt.
    private func keepingOrDiscarding(
        _ file: ReceivedFile, _ body: () async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        do {
            return try await body()
        } catch let error as PDFError {
            if let object = file.object, error.code != .sourceUnreadable { await receiver.discard(object) }
            throw Self.refusal(error)
        } catch let problem as ProblemDetails {
            if let object = file.object, problem.code.status < 500 { await receiver.discard(object) }
            throw problem
        }
    }

    private static func refusal(_ error: PDFError) -> ProblemDetails {
        guard error.code == .encrypted else { return IntakeFallback.problem(for: error) }
        return ProblemDetails(.pdfEncrypted, "\(error.detail) Send a copy that opens without a password.")
    }

    /// In a replay nothing is made under a reserved id, so that any will do.
    private static func reserved(_ name: String, _ call: IdempotentCall) throws -> UUID {
        if let id = call.reserved(name) { return id }
        guard call.isReplay else { throw IdempotentCallError.notConfirmed }
        return UUID()
    }
}
