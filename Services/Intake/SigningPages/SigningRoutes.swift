// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPServer
import Messaging
import ServiceAPI
import Storage
import Tracing

/// The public signing pages and their JSON form; the token in the path is all the authority there is.
struct SigningRoutes: Sendable {
    private static let answerSeconds = 2.0

    let context: IntakeContext
    let acts: RecipientActStore

    init(context: IntakeContext) {
        self.context = context
        acts = RecipientActStore(pool: context.pool, outbox: context.outbox)
    }

    /// Adds the routes under `/sign`.
    func add(to router: inout Router) {
        router.on(.get, "/sign-assets/signing.css") { _ in SigningAnswer.stylesheet }
        router.on(.get, "/sign/{token}") { request in await answering(request) { try await show($0) } }
        router.on(.get, "/sign/{token}/status") { request in
            await answering(request) { exchange in
                try exchange.state.checkOpen(at: context.clock.now())
                return exchange.wantsJSON ? .json(exchange.state.progress) : SigningAnswer.page(exchange.page)
            }
        }
        router.on(.get, "/sign/{token}/documents/{id}") { request in await answering(request) { try await document($0) } }
        router.on(.post, "/sign/{token}/view") { request in await answering(request) { try await view($0) } }
        router.on(.post, "/sign/{token}/fields") { request in await answering(request) { try await sign($0) } }
        router.on(.post, "/sign/{token}/decline") { request in await answering(request) { try await decline($0) } }
    }

    // MARK: Routes

    /// Changes nothing: mail scanners open links too.
    private func show(_ exchange: SigningExchange) async throws -> HTTPResponse {
        try exchange.state.checkOpen(at: context.clock.now())
        if exchange.wantsJSON { return .json(SigningView(state: exchange.state, token: exchange.token).json) }
        return SigningAnswer.page(exchange.page)
    }

    private func view(_ exchange: SigningExchange) async throws -> HTTPResponse {
        let now = context.clock.now()
        try exchange.state.checkOpen(at: now)
        if exchange.state.status.isActionable, exchange.state.status != .viewed {
            let link = exchange.link
            let command = RecordViewV1(
                tenantID: link.tenantID, envelopeID: link.envelopeID, requestID: link.requestID,
                generation: link.generation, viewedAt: now, client: exchange.client)
            _ = try await acts.accept(
                .view, of: link, digest: [], at: now,
                saying: try exchange.act("recipient.view_received", command, at: now, ids: context.ids))
        }
        guard exchange.wantsJSON else { return SigningAnswer.seeOther(exchange.address) }
        let status = exchange.state.status.isActionable ? RequestStatus.viewed : exchange.state.status
        return .json(.object(["status": .string(status.rawValue)]))
    }

    private func sign(_ exchange: SigningExchange) async throws -> HTTPResponse {
        let now = context.clock.now()
        let submission = try SigningSubmission(try await exchange.submission(), for: exchange.state)
        if !exchange.state.acts.contains(.fields) { try exchange.state.checkOpen(at: now) }
        if exchange.state.status == .declined { throw SigningProblem.alreadyDeclined }
        let link = exchange.link
        let image = try await store(submission.image, of: link)
        let command = SubmitFieldsV1(
            tenantID: link.tenantID, envelopeID: link.envelopeID, requestID: link.requestID,
            generation: link.generation, submittedAt: now, consent: submission.consent, values: submission.values,
            signatureImage: image, client: exchange.client)
        let accepted = try await acts.accept(
            .fields, of: link, digest: submission.digest, at: now,
            saying: try exchange.act("recipient.submission_received", command, at: now, ids: context.ids))
        guard accepted != .different else { throw SigningProblem.alreadySigned }
        guard exchange.wantsJSON else { return SigningAnswer.seeOther(exchange.address) }
        guard let state = try await untilSigned(exchange) else {
            return .json(
                .object(["status": "signing", "status_url": .string("\(exchange.address)/status")]), status: 202)
        }
        return .json(state.progress)
    }

    private func decline(_ exchange: SigningExchange) async throws -> HTTPResponse {
        let now = context.clock.now()
        let reason = try await exchange.reason()
        if !exchange.state.acts.contains(.decline) { try exchange.state.checkOpen(at: now) }
        if exchange.state.acts.contains(.fields) || exchange.state.status == .signed {
            throw SigningProblem.alreadySigned
        }
        let link = exchange.link
        let command = DeclineRequestV1(
            tenantID: link.tenantID, envelopeID: link.envelopeID, requestID: link.requestID,
            generation: link.generation, declinedAt: now, reason: reason, client: exchange.client)
        let accepted = try await acts.accept(
            .decline, of: link, digest: SHA256.digest(of: Array(reason.utf8)), at: now,
            saying: try exchange.act("recipient.decline_received", command, at: now, ids: context.ids))
        guard accepted != .different else { throw SigningProblem.alreadyDeclined }
        return exchange.wantsJSON ? .json(["status": "declined"]) : SigningAnswer.seeOther(exchange.address)
    }

    /// Exactly the bytes that are consented to; each look is audited.
    private func document(_ exchange: SigningExchange) async throws -> HTTPResponse {
        let now = context.clock.now()
        try exchange.state.checkOpen(at: now)
        guard let id = exchange.request.pathParameters["id"].flatMap({ DocumentID($0) }),
            let prepared = exchange.state.documents.first(where: { $0.documentID == id })?.prepared
        else { throw SigningProblem.notFound }
        let source = try await context.objects.open(StoredObject(prepared), in: .working)
        try await acts.note(
            try exchange.event("document.previewed", document: id, at: now, ids: context.ids))
        let isDownload = exchange.request.queryValue("download") == "1"
        return SigningAnswer.document(
            source, sha256: prepared.sha256, isDownload: isDownload, read: { try await context.objects.bytes(in: $0, of: source) })
    }

    // MARK: Steps

    /// The person's picture, kept before the submission that names it; the same picture is one object.
    private func store(_ image: [UInt8]?, of link: SigningLink) async throws -> ObjectReference? {
        guard let image else { return nil }
        let digest = SHA256.digest(of: link.requestID.bytes + SHA256.digest(of: image))
        guard let artifact = UUID(bytes: digest[..<16]) else { return nil }
        return try await context.objects.put(image, tenant: link.tenantID.uuid, artifact: artifact, area: .working)
            .reference
    }

    private func untilSigned(_ exchange: SigningExchange) async throws -> SigningState? {
        let link = exchange.link
        return try await context.waiters.wait(for: link.envelopeID, seconds: Self.answerSeconds) {
            guard let state = try await state(of: exchange.token) else { return nil }
            return state.status == .signed ? state : nil
        }
    }

    private func state(of token: String) async throws -> SigningState? {
        guard let uuid = UUID(text: token), let link = try await context.store.signingLink(token: uuid) else { return nil }
        return SigningState(link: link, acts: try await acts.acts(of: link))
    }

    /// The state behind a token; a link that was mailed before the read model heard of it is waited for.
    private func openState(of token: String) async throws -> SigningState? {
        guard let first = try await state(of: token) else { return nil }
        guard first.isAwaitingTurn else { return first }
        return try await context.waiters.wait(for: first.link.envelopeID, seconds: Self.answerSeconds) {
            let state = try await state(of: token)
            return state?.isAwaitingTurn == true ? nil : state
        } ?? first
    }

    /// Finds the link, runs the handler, and turns a refusal into the form that the caller reads.
    private func answering(
        _ request: HTTPRequest, _ handler: (SigningExchange) async throws -> HTTPResponse
    ) async -> HTTPResponse {
        let wantsJSON = SigningExchange.wantsJSON(request)
        do {
            let token = request.pathParameters["token"] ?? ""
            guard let state = try await openState(of: token) else { throw SigningProblem.notFound }
            let exchange = SigningExchange(
                request: request, token: token, state: state, wantsJSON: wantsJSON,
                clientAddress: context.proxies.clientAddress(of: request))
            do {
                return SigningAnswer.guarded(try await handler(exchange))
            } catch let problem as SigningProblem where !wantsJSON && problem.status == 422 {
                return SigningAnswer.guarded(SigningAnswer.page(exchange.page(with: problem), status: 422))
            }
        } catch let problem as SigningProblem {
            return SigningAnswer.guarded(
                wantsJSON ? problem.details.response : SigningAnswer.page(SigningPage.refusal(problem), status: problem.status))
        } catch {
            return SigningAnswer.guarded(IntakeFallback.respond(to: error, request))
        }
    }
}
