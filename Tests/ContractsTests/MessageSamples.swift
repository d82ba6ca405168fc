// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import FoundationEssentials

/// One message of each type with every field set; the golden files are their text.
enum MessageSamples {
    static let all: [any VersionedMessage] = [
        CreateEnvelopeV1(
            tenantID: tenant, envelopeID: envelope, requestedBy: account, batchID: "batch-7", envelope: draft),
        SendEnvelopeV1(tenantID: tenant, envelopeID: envelope, requestedBy: account, requestedAt: at),
        VoidEnvelopeV1(
            tenantID: tenant, envelopeID: envelope, requestedBy: account, requestedAt: at, reason: "Sent by mistake"),
        ResendRequestV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 2, requestedBy: account,
            requestedAt: at),
        RecordViewV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 1, viewedAt: at, client: client),
        SubmitFieldsV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 1, submittedAt: at,
            consent: consent, values: values, signatureImage: object(0x71), client: client),
        DeclineRequestV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 1, declinedAt: at,
            reason: "Wrong salary", client: client),
        EnvelopeEventV1(
            changes: [EnvelopeChange(event: .recipientSigned, requestID: request, reason: "smtp_550")],
            occurredAt: at, sequence: 6, snapshot: snapshot),
        PrepareDocumentV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, documentIndex: 0, jobID: JobID(id(0x51)),
            source: object(0x61), artifactID: ArtifactID(id(0x62)), version: 1, preparedAt: at, title: "Offer",
            organisation: "Example GmbH", policy: policy,
            signers: [
                SignerFields(
                    requestID: request, orderIndex: 1, name: "Zoë Nguyễn", signatureField: field.pdfFieldName,
                    fields: [NamedField(name: field.pdfFieldName, field: field)])
            ]),
        SignDocumentV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, requestID: request, jobID: JobID(id(0x52)),
            version: 2, artifactID: ArtifactID(id(0x63)), prepared: object(0x62), base: object(0x62), signingTime: at,
            signer: SignerIdentity(
                name: "Zoë Nguyễn", organisation: "Example GmbH", method: .platformSeal, authMethod: .emailLink,
                meaning: "I agree and sign"),
            signatureField: field.pdfFieldName,
            values: [NamedValue(name: "paraph_checkbox_1", fieldType: .checkbox, value: .checked(true))],
            signatureImage: object(0x71), consent: consent, policy: policy),
        RaiseDocumentV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, jobID: JobID(id(0x54)), version: 3,
            artifactID: ArtifactID(id(0x64)), base: object(0x63), baseLevel: .timestamped, requestedAt: at,
            deadline: later, policy: policy),
        DocumentPreparedV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, jobID: JobID(id(0x51)), version: 1,
            prepared: object(0x62), preparedAt: at),
        DocumentSignedV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, requestID: request, jobID: JobID(id(0x52)),
            version: 2, revision: object(0x63), padesLevel: .basic, certificateSHA256: digest(0xCE), signedAt: at),
        DocumentRaisedV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, jobID: JobID(id(0x54)), version: 3,
            revision: object(0x64), padesLevel: .archival, raisedAt: at),
        SigningJobFailedV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, requestID: request, jobID: JobID(id(0x52)),
            code: "certificate_expired", failedAt: at),
        NotifyRecipientV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 1, kind: .signingRequest,
            name: "Zoë Nguyễn", email: "zoe@example.org", locale: "en", title: "Offer", sender: draft.sender,
            message: draft.message, reason: "Sent by mistake", expiresAt: later, requestedAt: at),
        NotificationOutcomeV1(
            tenantID: tenant, envelopeID: envelope, requestID: request, generation: 1, kind: .signingRequest,
            status: .bounced, reason: "smtp_550", occurredAt: at),
        StoreEvidenceV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, artifactID: ArtifactID(id(0x63)),
            kind: .signedDocument, version: 1, object: object(0x63), padesLevel: .basic,
            retentionClass: "employment_7y", policyVersion: "builtin-1", signingMethod: .platformSeal,
            legalStandard: .click, completedAt: at,
            auditSequences: [AuditPosition(producer: "intake", sequence: 4)]),
        EvidenceStoredV1(
            tenantID: tenant, envelopeID: envelope, documentID: document, artifactID: ArtifactID(id(0x63)),
            kind: .signedDocument, version: 1, object: object(0x63), retentionClass: "employment_7y",
            policyVersion: "builtin-1", completedAt: at, storedAt: later),
        DisposeArtifactV1(
            tenantID: tenant, envelopeID: envelope, artifactID: ArtifactID(id(0x63)), disposalID: JobID(id(0x53)),
            kind: .signedDocument, retentionClass: "employment_7y", dueAt: later, requestedAt: later),
        RetentionScheduledV1(
            tenantID: tenant, envelopeID: envelope, artifactID: ArtifactID(id(0x63)), kind: .signedDocument,
            retentionClass: "employment_7y", anchoredAt: at, dueAt: later),
        DisposalRefusedV1(
            tenantID: tenant, envelopeID: envelope, artifactID: ArtifactID(id(0x63)),
            retentionClass: "employment_7y", dueAt: later, code: "not_due", refusedAt: at),
        AuditEventV1(
            fact: fact,
            personal: PersonalData(
                name: "Zoë Nguyễn", email: "zoe@example.org", ipAddress: "203.0.113.7", userAgent: "Browser/1",
                text: "Wrong salary")),
    ]

    static let at = Instant(microseconds: 1_795_176_000_123_456)
    static let later = at.advanced(bySeconds: 604_800)
    static let tenant = TenantID(id(0x10))
    static let envelope = EnvelopeID(id(0x20))
    static let document = DocumentID(id(0x30))
    static let request = RequestID(id(0x40))
    static let account = AuditActor.serviceAccount(ServiceAccountID(id(0x11)))
    static let client = ClientContext(ipAddress: "203.0.113.7", userAgent: "Browser/1")
    static let policy = PolicyDecision(
        policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
        padesLevel: .basic)
    static let field = FieldPlacement(
        fieldID: FieldID(id(0x81)), key: "sig1", documentIndex: 0, pageNumber: 1, x: 72, y: 650, width: 180,
        height: 48.5, fieldType: .signature, isRequired: true)
    static let values = [
        FieldValue(fieldID: FieldID(id(0x82)), value: .text("Zoë")),
        FieldValue(fieldID: FieldID(id(0x83)), value: .checked(true)),
    ]
    static let consent = Consent(
        disclosureSHA256: digest(0xD1),
        documents: [
            ConsentedDocument(documentID: document, preparedSHA256: digest(0x62), revisionSHA256: digest(0x62))
        ])

    static let draft = EnvelopeDraft(
        tenantID: tenant, envelopeID: envelope, createdAt: at, title: "Offer", externalID: "hr-4711",
        metadata: ["cost_centre": 42], send: true, expiresAt: later,
        sender: Sender(name: "HR", email: "hr@example.org", organisation: "Example GmbH"),
        message: CoverMessage(subject: "Your offer", body: "Please sign."), documentType: "offer_letter",
        retentionClass: "employment_7y", jurisdiction: "DE", locale: "en", isLive: true,
        documents: [
            SourceDocument(
                documentID: document, documentIndex: 0, fileName: "offer.pdf", original: object(0x61), pageCount: 3)
        ],
        recipients: [
            Recipient(
                requestID: request, key: "employee", role: .signer, orderIndex: 1, name: "Zoë Nguyễn",
                email: "zoe@example.org", externalID: "e-1", locale: "vi", fields: [field])
        ])

    static let snapshot = EnvelopeSnapshot(
        tenantID: tenant, envelopeID: envelope, status: .completed, updatedAt: at, completedAt: at,
        evidence: .pending, automation: .pending, retentionClass: "employment_7y", policy: policy,
        documents: [
            DocumentSnapshot(
                documentID: document, documentIndex: 0, original: object(0x61), preparedSHA256: digest(0x62),
                prepared: object(0x62), current: object(0x63), signedSHA256: digest(0x63))
        ],
        signers: [
            SignerSnapshot(
                requestID: request, status: .signed, generation: 1,
                delivery: DeliverySnapshot(status: .accepted, reason: "smtp_250"), openedAt: at, notifiedAt: at,
                viewedAt: at, signedAt: at, declinedAt: at)
        ],
        artifacts: [
            Artifact(
                artifactID: ArtifactID(id(0x63)), documentID: document, kind: .signedDocument, version: 1,
                padesLevel: .basic, createdAt: at, object: object(0x63))
        ])

    static let fact = AuditFact(
        eventID: id(0x90), tenantID: tenant, subject: .envelope(envelope), eventType: "recipient.declined",
        outcome: .denied, reason: "already_signed", actor: .recipient(request), documentID: document,
        requestID: request, artifactID: ArtifactID(id(0x63)), hashes: ["prepared_sha256": digest(0x62)],
        occurredAt: at, correlationID: "corr-1", policy: policy, metadata: ["generation": 1])

    static func id(_ last: UInt8) -> UUID {
        UUID(uuid: (1, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last))
    }

    static func digest(_ byte: UInt8) -> ContentDigest {
        guard let digest = ContentDigest(bytes: [UInt8](repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a digest")
        }
        return digest
    }

    static func object(_ last: UInt8) -> ObjectReference {
        ObjectReference(
            tenantID: tenant, artifactID: ArtifactID(id(last)), sha256: digest(last), size: 30_720,
            dataKeyID: DataKeyID(id(last ^ 0x80)))
    }
}
