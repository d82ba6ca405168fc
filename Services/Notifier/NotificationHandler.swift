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
    let pool: PostgresPool
    let transport: any MailTransport
    let links: SigningLinks
    let from: Mailbox
    let clock: BusinessClock
    let ids: IDSource
    let delivered: Counter

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [NotificationWork] {
        var requests: [NotifyRecipientV1] = []
        for message in messages { requests.append(try message.decode(NotifyRecipientV1.self)) }
        let known = try await NotificationStore.intend(
            Array(Dictionary(requests.map { ($0.deliveryKey, $0) }) { first, _ in first }.values),
            channel: transport.channel, at: clock.now(), in: transaction)
        return zip(messages, requests).map {
            NotificationWork(message: $0, request: $1, known: known[$1.deliveryKey])
        }
    }

    func perform(_ work: [NotificationWork]) async throws -> [NotificationResult] {
        var results: [NotificationResult] = []
        for item in work {
            let outcome: NotificationStore.Outcome
            if let known = item.known {
                outcome = known
            } else {
                do {
                    outcome = try await send(item.request)
                } catch {
                    // What went out before the failure must not go out again with the retry.
                    if !results.isEmpty {
                        _ = try await pool.execute(NotificationStore.finishing(results, at: clock.now()))
                    }
                    throw error
                }
                delivered.increment("email", outcome.status.rawValue)
            }
            results.append(NotificationResult(message: item.message, request: item.request, outcome: outcome))
        }
        return results
    }

    func record(
        _ results: [NotificationResult], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        _ = try await transaction.execute(NotificationStore.finishing(results, at: now))
        var acts: [Act] = []
        for result in results { acts.append(try act(for: result, at: now)) }
        return acts
    }

    /// - Throws: `TransientFailure` when the server is away or asks to come again; a refusal is an outcome.
    private func send(_ request: NotifyRecipientV1) async throws -> NotificationStore.Outcome {
        guard let to = Mailbox(name: request.name, address: request.email) else {
            return NotificationStore.Outcome(status: .failed, reason: "address_malformed")
        }
        let link =
            request.kind == .signingRequest
            ? links.link(request: request.requestID, generation: request.generation) : nil
        let template = MessageTemplate(request: request, link: link)
        let message = MailMessage(
            messageID: "\(request.requestID).\(request.generation).\(request.kind.rawValue)@\(links.host)", from: from,
            to: to, subject: template.subject, date: request.requestedAt,
            headers: [("X-Paraph-Envelope", request.envelopeID.description)], body: template.body)
        do {
            try await transport.send(message)
            return NotificationStore.Outcome(status: .accepted, reason: nil)
        } catch let failure as MailFailure {
            guard !failure.isRetriable else { throw TransientFailure(code: failure.code) }
            return NotificationStore.Outcome(status: .bounced, reason: failure.code)
        }
    }

    private func act(for result: NotificationResult, at now: Instant) throws -> Act {
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
        return Act(
            audit: [
                try OutgoingMessage(
                    AuditEventV1(fact: fact, personal: PersonalData(name: request.name, email: request.email)),
                    key: request.envelopeID.uuid, tenantID: request.tenantID.uuid)
            ],
            messages: [
                try OutgoingMessage(outcome, key: request.envelopeID.uuid, tenantID: request.tenantID.uuid)
            ], cause: result.message)
    }
}
