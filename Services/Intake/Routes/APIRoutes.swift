// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPServer
import Idempotency
import Keys
import Messaging
import Postgres
import ServiceAPI
import ServiceKit
import Tracing

/// The authenticated API under `/v1`.
struct APIRoutes: Sendable {
    let context: IntakeContext
    let access: AccessGuard
    let idempotency: IdempotencyMiddleware
    let receiver: FileReceiver
    let verifier: DocumentVerifier
    /// Two are judged at a time, and the others wait no longer than those may take.
    let verificationPlaces = VerificationPlaces(6)
    let views: ReadCoalescer<DocumentKey, DocumentView>
    let creation: EnvelopeCreation

    init(
        context: IntakeContext, access: AccessGuard, idempotency: IdempotencyMiddleware, verifier: DocumentVerifier
    ) {
        self.verifier = verifier
        self.context = context
        self.access = access
        self.idempotency = idempotency
        receiver = FileReceiver(objects: context.objects, parsers: BlockingPool(label: "intake-pdf", width: 2))
        creation = EnvelopeCreation(store: context.store, outbox: context.outbox)
        let pool = context.pool
        views = ReadCoalescer { try await DocumentView.read($0, in: pool) }
    }

    func add(to router: inout Router) {
        router.on(.get, "/v1") { _ in Self.about }
        router.on(.get, "/v1/openapi.json") { _ in Self.description }
        router.on(.post, "/v1/uploads") { try await upload($0) }
        router.on(.post, "/v1/verify") { try await verify($0) }
        router.on(.post, "/v1/documents") { try await create($0) }
        router.on(.get, "/v1/documents") { try await list($0) }
        router.on(.get, "/v1/documents/{document_id}") { try await show($0) }
        router.on(.get, "/v1/documents/{document_id}/audit") { try await auditTrail($0) }
        router.on(.get, "/v1/documents/{document_id}/download") { try await download($0) }
        router.on(.post, "/v1/envelopes/{envelope_id}/send") { try await send($0) }
        router.on(.post, "/v1/envelopes/{envelope_id}/void") { try await void($0) }
        router.on(.post, "/v1/envelopes/{envelope_id}/recipients/{request_id}/resend") { try await resend($0) }
    }

    private static let about = HTTPResponse.json([
        "name": "Paraph", "version": .string(ParaphVersion.current), "openapi": "/v1/openapi.json",
        "limits": Limits.json,
    ])

    private static let description = HTTPResponse(
        status: 200, headers: [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=300")],
        body: .bytes(PackageResources.openapi_json))

    // MARK: What several routes need

    /// An id of the path; anything else names nothing.
    static func id<ID: EntityID>(_ name: String, _ request: HTTPRequest) throws(ProblemDetails) -> ID {
        guard let id = request.pathParameters[name].flatMap({ ID($0) }) else { throw notFound }
        return id
    }

    static let notFound = ProblemDetails(.notFound, "Check the id; ids of other tenants are not found either.")

    /// - Throws: `ProblemDetails` for a query parameter that the route does not know.
    static func checkQuery(_ request: HTTPRequest, allowed: Set<String>) throws(ProblemDetails) {
        for (name, _) in request.query where !allowed.contains(name) {
            let known = allowed.sorted().joined(separator: ", ")
            throw ProblemDetails(.invalidParameter, known.isEmpty ? "No query is taken here." : "Known are \(known).")
        }
    }

    static func mediaType(_ request: HTTPRequest) -> String {
        (request.header("content-type") ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    func fact(
        _ type: AuditEventType, by principal: Principal, subject: AuditSubject, documentID: DocumentID? = nil,
        requestID: RequestID? = nil, artifactID: ArtifactID? = nil, hashes: [String: ContentDigest] = [:],
        metadata: [String: JSONValue] = [:], at now: Instant
    ) -> AuditFact {
        AuditFact(
            eventID: context.ids.next(), tenantID: principal.tenantID, subject: subject, eventType: type,
            actor: principal.actor, documentID: documentID, requestID: requestID, artifactID: artifactID,
            hashes: hashes, occurredAt: now,
            correlationID: (Trace.current?.correlationID ?? CorrelationID(context.ids.next())).text, metadata: metadata)
    }

    func audit(_ fact: AuditFact, _ request: HTTPRequest, text: String? = nil) throws -> OutgoingMessage {
        let event = AuditEventV1(
            fact: fact,
            personal: PersonalData(
                ipAddress: context.proxies.clientAddress(of: request), userAgent: request.header("user-agent"),
                text: text))
        return try OutgoingMessage(event, key: event.streamKey, tenantID: fact.tenantID.uuid)
    }

    /// Writes the effect and the stored answer, or nothing.
    ///
    /// - Parameter last: The effect's statements, sent together with the answer and the commit.
    func commit(
        _ call: IdempotentCall, _ response: HTTPResponse, _ acts: [Act], _ last: [PostgresStatement],
        in transaction: PostgresTransaction
    ) async throws {
        let messages = context.outbox.statements(acts, in: transaction)
        do {
            _ = try await transaction.pipelineAndCommit(
                messages + last + [try call.finishStatement(response, in: transaction)])
        } catch let error as PostgresError where IdempotencyStore.meansLeaseLost(error) {
            throw IdempotencyError.leaseLost
        }
    }
}
