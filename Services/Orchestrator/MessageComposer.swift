// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Messaging
import Tracing

/// Turns the effects of one input into the messages of one act.
struct MessageComposer {
    let envelope: Envelope
    let input: InboundInput
    let ids: IDSource

    /// The audit events and the messages, in the order of the effects; all announced changes share one event.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say, `PermanentFailure` for an effect that does not fit.
    func act(for effects: [EnvelopeEffect], causedBy cause: InboundMessage?) throws -> Act {
        var act = Act(cause: cause, correlationID: CorrelationID(envelope.correlationID))
        var changes: [EnvelopeChange] = []
        for effect in effects {
            switch effect {
            case .occurred(let occurrence):
                act.audit.append(try message(audit(occurrence)))
                guard let event = occurrence.announced else { continue }
                changes.append(
                    EnvelopeChange(event: event, requestID: occurrence.requestID, reason: occurrence.reason))
            case .prepareDocument(let job):
                act.messages.append(try message(try preparation(job)))
            case .signDocument(let job):
                act.messages.append(try message(try signature(job)))
            case .raiseDocument(let job):
                act.messages.append(try message(try raising(job)))
            case .notify(let request, let generation, let kind):
                act.messages.append(try message(try notification(request, generation, kind)))
            case .storeEvidence(let artifact): act.messages.append(try message(evidence(artifact)))
            }
        }
        if !changes.isEmpty {
            act.messages.append(
                try message(
                    EnvelopeEventV1(
                        changes: changes, occurredAt: input.time, sequence: envelope.sequence,
                        snapshot: EnvelopeSnapshot(of: envelope))))
        }
        return act
    }

    /// The act of refusing: nothing but its audit event.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say.
    func refusal(
        _ error: TransitionError, of refused: EnvelopeInput, causedBy cause: InboundMessage?
    ) throws -> Act {
        let fact = AuditFact(
            eventID: ids.next(), tenantID: envelope.tenantID, subject: .envelope(envelope.envelopeID),
            eventType: refused.kind.auditType, outcome: .denied, reason: error.code.rawValue, actor: input.actor,
            requestID: refused.requestID, occurredAt: input.time, correlationID: envelope.correlationID,
            policy: envelope.policy, metadata: ["status": .string(error.status.rawValue)])
        let event = AuditEventV1(fact: fact, personal: personal(of: refused.requestID))
        return Act(
            audit: [try message(event)], cause: cause, correlationID: CorrelationID(envelope.correlationID))
    }

    // MARK: - Audit

    private func audit(_ occurrence: EnvelopeOccurrence) -> AuditEventV1 {
        AuditEventV1(
            fact: AuditFact(
                eventID: ids.next(), tenantID: envelope.tenantID, subject: .envelope(envelope.envelopeID),
                eventType: occurrence.type, reason: occurrence.reason, actor: actor(of: occurrence),
                documentID: occurrence.documentID, requestID: occurrence.requestID, artifactID: occurrence.artifactID,
                hashes: occurrence.hashes, occurredAt: input.time, correlationID: envelope.correlationID,
                policy: envelope.policy),
            personal: personal(of: occurrence.requestID))
    }

    /// A signature is the recipient's act, whoever reports it; what follows by itself is the system's.
    private func actor(of occurrence: EnvelopeOccurrence) -> AuditActor {
        if occurrence.type == "recipient.signed", let request = occurrence.requestID { return .recipient(request) }
        switch occurrence.type {
        case "envelope.completed", "recipient.opened": return .system("paraph-orchestrator")
        default: return input.actor
        }
    }

    private func personal(of request: RequestID?) -> PersonalData {
        let recipient = request.flatMap(envelope.recipient)
        return PersonalData(
            name: recipient?.name, email: recipient?.email, ipAddress: input.client?.ipAddress,
            userAgent: input.client?.userAgent, text: input.text)
    }

    // MARK: - Jobs

    private func preparation(_ job: SigningJob) throws(PermanentFailure) -> PrepareDocumentV1 {
        guard let source = envelope.draft.documents.first(where: { $0.documentID == job.documentID }) else {
            throw inconsistent("document", job.documentID.description)
        }
        let signers = envelope.draft.recipients.filter {
            $0.role == .signer && envelope.documentsToSign(by: $0.requestID).contains(job.documentID)
        }
        return PrepareDocumentV1(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, documentID: job.documentID,
            documentIndex: source.documentIndex, jobID: job.jobID, source: source.original,
            artifactID: job.artifactID, version: job.version, preparedAt: job.createdAt, title: envelope.draft.title,
            organisation: envelope.draft.sender.organisation, policy: envelope.policy,
            signers: signers.map { signer in
                SignerFields(
                    requestID: signer.requestID, orderIndex: signer.orderIndex, name: signer.name,
                    signatureField: envelope.signatureFieldName(of: signer.requestID, in: job.documentID),
                    fields: signer.fields.filter { $0.documentIndex == source.documentIndex }
                        .map { NamedField(name: $0.pdfFieldName, field: $0) })
            })
    }

    private func signature(_ job: SigningJob) throws(PermanentFailure) -> SignDocumentV1 {
        guard let id = job.requestID, let recipient = envelope.recipient(id),
            let submission = envelope.request(id)?.submission,
            let document = envelope.documents.first(where: { $0.documentID == job.documentID }),
            let prepared = document.prepared, let base = document.current,
            let index = envelope.draft.documents.first(where: { $0.documentID == job.documentID })?.documentIndex
        else { throw inconsistent("job", job.jobID.description) }
        let fields = recipient.fields.filter { $0.documentIndex == index }
        return SignDocumentV1(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, documentID: job.documentID, requestID: id,
            jobID: job.jobID, version: job.version, artifactID: job.artifactID, prepared: prepared, base: base,
            signingTime: job.createdAt,
            signer: SignerIdentity(
                name: recipient.name, organisation: envelope.draft.sender.organisation,
                method: envelope.policy.signingMethod, authMethod: envelope.policy.authMethod,
                meaning: "I agree and sign"),
            signatureField: envelope.signatureFieldName(of: id, in: job.documentID),
            values: submission.values.compactMap { entered in
                fields.first { $0.fieldID == entered.fieldID }.map {
                    NamedValue(name: $0.pdfFieldName, fieldType: $0.fieldType, value: entered.value)
                }
            },
            signatureImage: submission.signatureImage, consent: submission.consent, policy: envelope.policy)
    }

    private func raising(_ job: RaisingJob) throws(PermanentFailure) -> RaiseDocumentV1 {
        guard let document = envelope.documents.first(where: { $0.documentID == job.documentID }),
            let base = document.current
        else { throw inconsistent("job", job.jobID.description) }
        return RaiseDocumentV1(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, documentID: job.documentID, jobID: job.jobID,
            version: job.version, artifactID: job.artifactID, base: base, baseLevel: document.level ?? .basic,
            requestedAt: job.createdAt, deadline: job.deadline, policy: envelope.policy)
    }

    // MARK: - Mails and evidence

    private func notification(
        _ id: RequestID, _ generation: Int, _ kind: NotificationKind
    ) throws(PermanentFailure) -> NotifyRecipientV1 {
        guard let recipient = envelope.recipient(id) else { throw inconsistent("request", id.description) }
        return NotifyRecipientV1(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, requestID: id, generation: generation,
            kind: kind, name: recipient.name, email: recipient.email, locale: recipient.locale ?? envelope.draft.locale,
            title: envelope.draft.title, sender: envelope.draft.sender, message: envelope.draft.message,
            reason: kind == .declined || kind == .voided ? input.text : nil, expiresAt: envelope.draft.expiresAt,
            requestedAt: input.time)
    }

    private func evidence(_ artifact: Artifact) -> StoreEvidenceV1 {
        StoreEvidenceV1(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, documentID: artifact.documentID,
            artifactID: artifact.artifactID, kind: artifact.kind, version: artifact.version, object: artifact.object,
            padesLevel: artifact.padesLevel, retentionClass: envelope.retentionClass,
            policyVersion: envelope.policy.policyVersion, signingMethod: envelope.policy.signingMethod,
            legalStandard: envelope.policy.legalStandard,
            completedAt: envelope.completedAt ?? input.time, auditSequences: envelope.auditPositions)
    }

    /// An effect that names what the envelope does not have; a defect, kept from being passed on.
    private func inconsistent(_ kind: String, _ id: String) -> PermanentFailure {
        PermanentFailure(code: "inconsistent_state", detail: "no \(kind) \(id) in \(envelope.envelopeID)")
    }

    private func message(_ message: some VersionedMessage) throws -> OutgoingMessage {
        try OutgoingMessage(message, key: envelope.envelopeID.uuid, tenantID: envelope.tenantID.uuid)
    }
}
