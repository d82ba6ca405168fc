// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Messaging

/// What a message asks of an envelope, with who asked, when, and what only the audit log may know.
struct InboundInput {
    /// Either the beginning of an envelope or an input to one that exists.
    enum Request {
        case create(EnvelopeDraft)
        case apply(EnvelopeInput)
    }

    let request: Request
    let actor: AuditActor
    /// The business time of the act itself, not of its arrival.
    let time: Instant
    var client: ClientContext?
    /// What a person wrote; mails may carry it, events may not.
    var text: String?

    /// Reads a message of any topic that the orchestrator listens to.
    ///
    /// - Throws: `PermanentFailure` for a type that is unknown here or a payload that cannot be read.
    init(_ message: InboundMessage) throws(PermanentFailure) {
        switch message.topic {
        case .envelopeCommands: self = try Self.command(message)
        case .signingResults: self = try Self.result(message)
        case .notificationEvents: self = try Self.outcome(message)
        case .evidenceEvents: self = try Self.evidence(message)
        default: throw Self.unknown(message)
        }
    }

    private init(
        _ request: Request, actor: AuditActor, time: Instant, client: ClientContext? = nil, text: String? = nil
    ) {
        self.request = request
        self.actor = actor
        self.time = time
        self.client = client
        self.text = text
    }

    private static func command(_ message: InboundMessage) throws(PermanentFailure) -> InboundInput {
        switch message.type {
        case CreateEnvelopeV1.messageType:
            let command = try message.decode(CreateEnvelopeV1.self)
            guard command.envelope.tenantID.uuid == message.tenantID, command.envelope.envelopeID.uuid == message.key
            else { throw PermanentFailure(code: "key_mismatch", detail: "the draft names another envelope") }
            return InboundInput(
                .create(command.envelope), actor: command.requestedBy, time: command.envelope.createdAt)
        case SendEnvelopeV1.messageType:
            let command = try message.decode(SendEnvelopeV1.self)
            return InboundInput(.apply(.release), actor: command.requestedBy, time: command.requestedAt)
        case VoidEnvelopeV1.messageType:
            let command = try message.decode(VoidEnvelopeV1.self)
            return InboundInput(
                .apply(.void), actor: command.requestedBy, time: command.requestedAt, text: command.reason)
        case ResendRequestV1.messageType:
            let command = try message.decode(ResendRequestV1.self)
            return InboundInput(
                .apply(.resend(command.requestID, generation: command.generation)), actor: command.requestedBy,
                time: command.requestedAt)
        default: return try recipientCommand(message)
        }
    }

    private static func recipientCommand(_ message: InboundMessage) throws(PermanentFailure) -> InboundInput {
        switch message.type {
        case RecordViewV1.messageType:
            let command = try message.decode(RecordViewV1.self)
            return InboundInput(
                .apply(.view(command.requestID, generation: command.generation)),
                actor: .recipient(command.requestID), time: command.viewedAt, client: command.client)
        case SubmitFieldsV1.messageType:
            let command = try message.decode(SubmitFieldsV1.self)
            let submission = Submission(
                consent: command.consent, values: command.values, signatureImage: command.signatureImage)
            return InboundInput(
                .apply(.submit(command.requestID, generation: command.generation, submission)),
                actor: .recipient(command.requestID), time: command.submittedAt, client: command.client)
        case DeclineRequestV1.messageType:
            let command = try message.decode(DeclineRequestV1.self)
            return InboundInput(
                .apply(.decline(command.requestID, generation: command.generation)),
                actor: .recipient(command.requestID), time: command.declinedAt, client: command.client,
                text: command.reason)
        default: throw unknown(message)
        }
    }

    private static func result(_ message: InboundMessage) throws(PermanentFailure) -> InboundInput {
        let actor = AuditActor.system("paraph-signer")
        switch message.type {
        case DocumentPreparedV1.messageType:
            let result = try message.decode(DocumentPreparedV1.self)
            return InboundInput(
                .apply(.documentPrepared(result.jobID, result.documentID, result.prepared)), actor: actor,
                time: result.preparedAt)
        case DocumentSignedV1.messageType:
            let result = try message.decode(DocumentSignedV1.self)
            return InboundInput(
                .apply(
                    .documentSigned(
                        result.jobID, result.documentID, result.requestID, revision: result.revision,
                        level: result.padesLevel)), actor: actor, time: result.signedAt)
        case DocumentRaisedV1.messageType:
            let result = try message.decode(DocumentRaisedV1.self)
            return InboundInput(
                .apply(
                    .documentRaised(
                        result.jobID, result.documentID, revision: result.revision, level: result.padesLevel)),
                actor: actor, time: result.raisedAt)
        case SigningJobFailedV1.messageType:
            let result = try message.decode(SigningJobFailedV1.self)
            return InboundInput(
                .apply(.jobFailed(result.jobID, result.documentID, code: result.code)), actor: actor,
                time: result.failedAt)
        default: throw unknown(message)
        }
    }

    private static func outcome(_ message: InboundMessage) throws(PermanentFailure) -> InboundInput {
        guard message.type == NotificationOutcomeV1.messageType else { throw unknown(message) }
        let outcome = try message.decode(NotificationOutcomeV1.self)
        return InboundInput(
            .apply(
                .delivery(
                    outcome.requestID, generation: outcome.generation, outcome.kind, outcome.status,
                    reason: outcome.reason)), actor: .system("paraph-notifier"), time: outcome.occurredAt)
    }

    private static func evidence(_ message: InboundMessage) throws(PermanentFailure) -> InboundInput {
        guard message.type == EvidenceStoredV1.messageType else { throw unknown(message) }
        let stored = try message.decode(EvidenceStoredV1.self)
        return InboundInput(
            .apply(.evidenceStored(stored.artifactID)), actor: .system("paraph-vault"), time: stored.storedAt)
    }

    private static func unknown(_ message: InboundMessage) -> PermanentFailure {
        PermanentFailure(code: "unknown_type", detail: "\(message.type) on \(message.topic.name)")
    }
}

extension InboundInput {
    /// A timer's own act.
    static func timer(_ input: EnvelopeInput, at now: Instant) -> InboundInput {
        InboundInput(.apply(input), actor: .system("paraph-orchestrator"), time: now)
    }
}
