// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Keys
import Logging
import Messaging
import Metrics
import Postgres
import ServiceKit
import Tracing

/// A mail to send, or one whose outcome an earlier attempt noted.
struct NotificationWork: Sendable {
    let message: InboundMessage
    let request: NotifyRecipientV1
    let known: NotificationStore.Outcome?
}

struct NotificationResult: Sendable {
    let message: InboundMessage
    let request: NotifyRecipientV1
    let outcome: NotificationStore.Outcome
}

/// Sends the mails that the orchestrator asks for: intent, mail, outcome.
///
/// A crash between mail and outcome sends the mail again with the same Message-ID, which is how mail systems tell
/// repeats; nothing in signing waits for any of it (RES-01).
struct NotificationHandler: EffectHandler {
    private static let mailsAtOnce = 8
    /// Mail systems give up after four to five days (RFC 5321, 4.5.4.1); so does this one.
    static let deadlineSeconds = 4 * 86_400.0

    let pool: PostgresPool
    let transport: any MailTransport
    let links: SigningLinks
    let from: Mailbox
    let clock: BusinessClock
    let ids: IDSource
    let delivered: Counter

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [NotificationWork] {
        var requests: [NotifyRecipientV1] = []
        for message in messages {
            guard message.type == NotifyRecipientV1.messageType else {
                throw PermanentFailure(code: "unknown_type", detail: message.type)
            }
            requests.append(try message.decode(NotifyRecipientV1.self))
        }
        let known = try await NotificationStore.intend(
            Array(Dictionary(requests.map { ($0.deliveryKey, $0) }) { first, _ in first }.values),
            channel: transport.channel, at: clock.now(), in: transaction)
        return zip(messages, requests).map {
            NotificationWork(message: $0, request: $1, known: known[$1.deliveryKey])
        }
    }

    /// Sends side by side, so that one slow mail does not hold up its batch.
    func perform(_ work: [NotificationWork]) async throws -> [NotificationResult] {
        var results: [(index: Int, result: NotificationResult)] = []
        var failure: (any Error)?
        // The same mail asked for twice in a batch is sent once.
        var first: [NotificationStore.Key: Int] = [:]
        for (index, item) in work.enumerated() {
            first[item.request.deliveryKey] = first[item.request.deliveryKey] ?? index
        }
        var open = work.indices.filter { first[work[$0].request.deliveryKey] == $0 }[...]
        await withTaskGroup(of: (Int, Result<NotificationResult, any Error>).self) { group in
            var running = 0
            while !open.isEmpty || running > 0 {
                while running < Self.mailsAtOnce, failure == nil, let index = open.popFirst() {
                    group.addTask { (index, await result(of: work[index])) }
                    running += 1
                }
                guard let (index, outcome) = await group.next() else { break }
                running -= 1
                switch outcome {
                case .success(let result): results.append((index, result))
                case .failure(let error): failure = failure ?? error
                }
                if failure != nil { open = [] }
            }
        }
        if let failure {
            // What went out before the failure must not go out again with the retry.
            if !results.isEmpty {
                _ = try await pool.execute(NotificationStore.noting(results.map(\.result), at: clock.now()))
            }
            throw failure
        }
        let outcomes = Dictionary(results.map { ($0.result.request.deliveryKey, $0.result.outcome) }) { first, _ in
            first
        }
        return work.compactMap { item in
            outcomes[item.request.deliveryKey].map {
                NotificationResult(message: item.message, request: item.request, outcome: $0)
            }
        }
    }

    func record(
        _ results: [NotificationResult], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        var unanswered = try await NotificationStore.finish(results, at: now, in: transaction)
        var acts: [Act] = []
        for result in results {
            // A mail that was asked for again and not sent again is answered again and recorded once.
            let isRecorded = unanswered.remove(result.request.deliveryKey) != nil
            acts.append(try act(for: result, at: now, isRecorded: isRecorded))
        }
        return acts
    }

    private func result(of work: NotificationWork) async -> Result<NotificationResult, any Error> {
        do {
            let outcome: NotificationStore.Outcome
            if let known = work.known {
                outcome = known
            } else {
                outcome = try await send(work.request)
                delivered.increment(transport.channel, outcome.status.rawValue)
            }
            return .success(NotificationResult(message: work.message, request: work.request, outcome: outcome))
        } catch {
            return .failure(error)
        }
    }

    /// - Throws: `TransientFailure` when the server is away or asks to come again, until the mail is too old; a refusal
    ///   is an outcome.
    private func send(_ request: NotifyRecipientV1) async throws -> NotificationStore.Outcome {
        guard let to = Mailbox(name: request.name, address: request.email) else {
            return NotificationStore.Outcome(status: .failed, reason: "address_malformed")
        }
        let now = clock.now()
        if request.kind == .signingRequest, let end = request.expiresAt, end <= now {
            return NotificationStore.Outcome(status: .failed, reason: "link_expired")
        }
        do {
            try await transport.send(mail(for: request, to: to))
            return NotificationStore.Outcome(status: .accepted, reason: nil)
        } catch let failure as MailFailure {
            guard failure.isRetriable else {
                return NotificationStore.Outcome(status: .bounced, reason: failure.code)
            }
            guard now.seconds(since: request.requestedAt) < Self.deadlineSeconds else {
                return NotificationStore.Outcome(status: .failed, reason: failure.code)
            }
            throw TransientFailure(code: failure.code)
        }
    }

    private func mail(for request: NotifyRecipientV1, to: Mailbox) -> MailMessage {
        let link =
            request.kind == .signingRequest
            ? links.link(request: request.requestID, generation: request.generation) : nil
        let template = MessageTemplate(request: request, link: link)
        return MailMessage(
            messageID: "\(request.requestID).\(request.generation).\(request.kind.rawValue)@\(links.host)", from: from,
            to: to, subject: template.subject, date: request.requestedAt,
            headers: [("X-Paraph-Envelope", request.envelopeID.description)], body: template.body)
    }

    private func act(for result: NotificationResult, at now: Instant, isRecorded: Bool) throws -> Act {
        let request = result.request
        let outcome = NotificationOutcomeV1(
            tenantID: request.tenantID, envelopeID: request.envelopeID, requestID: request.requestID,
            generation: request.generation, kind: request.kind, status: result.outcome.status,
            reason: result.outcome.reason, occurredAt: now)
        let fact = AuditFact(
            eventID: ids.next(), tenantID: request.tenantID, subject: .envelope(request.envelopeID),
            eventType: "recipient.mailed", outcome: result.outcome.status == .accepted ? .done : .failed,
            reason: result.outcome.reason, actor: .system("notifier"), requestID: request.requestID, occurredAt: now,
            correlationID: result.message.traceScope.correlationID.text,
            metadata: ["kind": .string(request.kind.rawValue), "generation": .integer(Int64(request.generation))])
        let audit = AuditEventV1(fact: fact, personal: PersonalData(name: request.name, email: request.email))
        let (key, tenant) = (request.envelopeID.uuid, request.tenantID.uuid)
        return Act(
            audit: isRecorded ? [try OutgoingMessage(audit, key: key, tenantID: tenant)] : [],
            messages: [try OutgoingMessage(outcome, key: key, tenantID: tenant)], cause: result.message)
    }
}
