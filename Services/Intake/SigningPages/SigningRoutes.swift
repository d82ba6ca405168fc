// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPServer
import Logging
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
        router.on(.get, "/sign/{token}") { request in await answering(request) { show($0) } }
        router.on(.get, "/sign/{token}/status") { request in await answering(request) { status($0) } }
        router.on(.get, "/sign/{token}/documents/{id}") { request in await answering(request) { try await document($0) }
        }
        router.on(.post, "/sign/{token}/view") { request in await acting(request) { try await view($0, $1) } }
        router.on(.post, "/sign/{token}/fields") { request in await acting(request) { try await sign($0, $1) } }
        router.on(.post, "/sign/{token}/decline") { request in await acting(request) { try await decline($0, $1) } }
    }

    // MARK: Looking

    /// Changes nothing: mail scanners open links too.
    private func show(_ exchange: SigningExchange) -> HTTPResponse {
        if exchange.wantsJSON { return .json(SigningView(state: exchange.state, token: exchange.token).json) }
        return SigningAnswer.page(exchange.page)
    }

    private func status(_ exchange: SigningExchange) -> HTTPResponse {
        exchange.wantsJSON ? .json(exchange.state.progress) : SigningAnswer.page(exchange.page)
    }

    /// Exactly the bytes that are consented to; each look is audited.
    private func document(_ exchange: SigningExchange) async throws -> HTTPResponse {
        guard let id = exchange.request.pathParameters["id"].flatMap({ DocumentID($0) }),
            let prepared = exchange.state.documents.first(where: { $0.documentID == id })?.prepared
        else { throw SigningProblem.notFound }
        let source: any ByteSource
        do {
            source = try await context.objects.open(StoredObject(prepared), in: .working)
        } catch StorageError.notFound {
            throw SigningProblem.documentGone
        }
        if exchange.request.method == .get {
            let event = try exchange.event(
                "document.previewed", document: id, at: context.clock.now(), ids: context.ids)
            try await acts.note(event)
        }
        return SigningAnswer.document(
            source, title: exchange.link.draft.title, sha256: prepared.sha256,
            isDownload: exchange.request.queryValue("download") == "1",
            read: { try await context.objects.bytes(in: $0, of: source) })
    }

    // MARK: Acting

    private func view(_ exchange: SigningExchange, _ body: SigningBody) async throws -> HTTPResponse {
        if case .json(let value) = body {
            guard let members = value.objectValue else {
                throw SigningProblem.typeMismatch("Expected an object.", at: "")
            }
            if let name = members.keys.min() { throw SigningProblem.unknownProperty(name, in: "") }
        }
        let now = context.clock.now()
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

    private func sign(_ exchange: SigningExchange, _ body: SigningBody) async throws -> HTTPResponse {
        let state = exchange.state
        if state.status == .declined { throw SigningProblem.alreadyDeclined }
        let submission: SigningSubmission
        do throws(SigningProblem) {
            submission = try SigningSubmission(body, for: state)
        } catch {
            // Whatever is wrong with it, it is not the submission that was accepted.
            throw state.hasSubmitted ? SigningProblem.alreadySigned : error
        }
        let now = context.clock.now()
        let link = exchange.link
        let watch = context.waiters.watch(link.envelopeID) { link.moved(to: $0).isSettled }
        defer { context.waiters.end(watch) }
        let command = SubmitFieldsV1(
            tenantID: link.tenantID, envelopeID: link.envelopeID, requestID: link.requestID,
            generation: link.generation, submittedAt: now, consent: submission.consent, values: submission.values,
            signatureImage: try await store(submission.image, of: link), client: exchange.client)
        let accepted = try await acts.accept(
            .fields, of: link, digest: submission.digest, at: now,
            saying: try exchange.act("recipient.submission_received", command, at: now, ids: context.ids))
        guard accepted != .different else { throw SigningProblem.alreadySigned }
        let settled = try await untilSettled(exchange, watch, isRepeated: accepted == .repeated)
        guard exchange.wantsJSON else { return SigningAnswer.seeOther(exchange.address) }
        guard let settled else {
            return .json(
                .object(["status": "signing", "status_url": .string("\(exchange.address)/status")]), status: 202)
        }
        try settled.checkOpen(at: context.clock.now())
        return .json(settled.progress)
    }

    private func decline(_ exchange: SigningExchange, _ body: SigningBody) async throws -> HTTPResponse {
        let reason = try DeclineReason(body).text
        if exchange.state.hasSubmitted { throw SigningProblem.alreadySigned }
        let now = context.clock.now()
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

    // MARK: Steps

    /// The person's picture, kept before the submission that names it; the same picture is one object.
    private func store(_ image: SignatureImage?, of link: SigningLink) async throws -> ObjectReference? {
        guard let image else { return nil }
        let digest = SHA256.digest(of: link.requestID.bytes + SHA256.digest(of: image.bytes))
        guard let artifact = UUID(bytes: digest[..<16]) else { return nil }
        return try await context.objects.put(
            image.bytes, tenant: link.tenantID.uuid, artifact: artifact, area: .working
        ).reference
    }

    /// Waits until the signature is there, or the envelope ended without it; nil when the time is over before.
    private func untilSettled(
        _ exchange: SigningExchange, _ watch: EnvelopeWatch, isRepeated: Bool
    ) async throws -> SigningState? {
        try await context.waiters.wait(with: watch, seconds: Self.answerSeconds, looksFirst: isRepeated) { move in
            let state =
                if let move {
                    SigningState(link: exchange.link.moved(to: move), acts: exchange.state.acts.union([.fields]))
                } else {
                    try await state(of: exchange.token)
                }
            return state?.link.isSettled == true ? state : nil
        }
    }

    private func state(of token: String) async throws -> SigningState? {
        guard let uuid = UUID(text: token) else { return nil }
        return try await context.store.signingState(token: uuid)
    }

    /// The state behind a token; a link that was mailed before the read model heard of it is waited for.
    private func openState(of token: String) async throws -> SigningState? {
        guard let first = try await state(of: token) else { return nil }
        guard first.link.isAheadOfReadModel else { return first }
        let watch = context.waiters.watch(first.link.envelopeID) { !first.link.moved(to: $0).isAheadOfReadModel }
        defer { context.waiters.end(watch) }
        return try await context.waiters.wait(with: watch, seconds: Self.answerSeconds) { _ in
            let state = try await state(of: token)
            return state?.link.isAheadOfReadModel == true ? nil : state
        } ?? first
    }

    // MARK: Answering

    /// As `answering`, with the body; a form with a fault is shown again with what was entered.
    private func acting(
        _ request: HTTPRequest, _ handler: (SigningExchange, SigningBody) async throws -> HTTPResponse
    ) async -> HTTPResponse {
        await answering(request) { exchange in
            try context.admission.checkRecipientAct()
            var entered = FormBody()
            do {
                let body = try await SigningBody.read(request)
                entered = body.form
                return try await handler(exchange, body)
            } catch let problem as SigningProblem
                where problem.status == 422 && !exchange.wantsJSON && exchange.state.status.isActionable
            {
                return SigningAnswer.page(exchange.page(with: problem, entered: entered), status: problem.status)
            }
        }
    }

    /// Finds the link, runs the handler if it is open, and turns a refusal into the form that the caller reads.
    private func answering(
        _ request: HTTPRequest, _ handler: (SigningExchange) async throws -> HTTPResponse
    ) async -> HTTPResponse {
        let wantsJSON = SigningExchange.wantsJSON(request)
        var sender: Sender?
        let problem: SigningProblem
        do {
            let token = request.pathParameters["token"] ?? ""
            guard let state = try await openState(of: token) else { throw SigningProblem.notFound }
            sender = state.link.draft.sender
            try state.checkOpen(at: context.clock.now())
            let exchange = SigningExchange(
                request: request, token: token, state: state, wantsJSON: wantsJSON,
                clientAddress: context.proxies.clientAddress(of: request))
            return SigningAnswer.guarded(try await handler(exchange))
        } catch let refusal as SigningProblem {
            problem = refusal
        } catch {
            problem = SigningProblem(IntakeFallback.problem(for: error))
            if problem.status >= 500 {
                context.logger.error(
                    "signing page failed", [.httpRoute: .string(request.routeTemplate), .error: .error(error)])
            }
        }
        return SigningAnswer.guarded(SigningAnswer.refusal(problem, asJSON: wantsJSON, sender: sender))
    }
}
