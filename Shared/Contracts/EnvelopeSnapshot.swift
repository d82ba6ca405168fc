// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// The public state of an envelope at one event.
package struct EnvelopeSnapshot: Sendable, Hashable, Codable {
    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let status: EnvelopeStatus
    package let updatedAt: Instant
    package let completedAt: Instant?
    package let evidence: EvidenceStatus
    package let automation: AutomationStatus?
    package let retentionClass: String
    package let policy: PolicyDecision
    package let documents: [DocumentSnapshot]
    package let signers: [SignerSnapshot]
    package let artifacts: [Artifact]

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, status: EnvelopeStatus, updatedAt: Instant,
        completedAt: Instant? = nil, evidence: EvidenceStatus, automation: AutomationStatus? = nil,
        retentionClass: String, policy: PolicyDecision, documents: [DocumentSnapshot], signers: [SignerSnapshot],
        artifacts: [Artifact]
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.status = status
        self.updatedAt = updatedAt
        self.completedAt = completedAt
        self.evidence = evidence
        self.automation = automation
        self.retentionClass = retentionClass
        self.policy = policy
        self.documents = documents
        self.signers = signers
        self.artifacts = artifacts
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case status
        case updatedAt = "updated_at"
        case completedAt = "completed_at"
        case evidence, automation
        case retentionClass = "retention_class"
        case policy, documents, signers, artifacts
    }
}

/// The public state of one document.
package struct DocumentSnapshot: Sendable, Hashable, Codable {
    package let documentID: DocumentID
    package let documentIndex: Int
    package let original: ObjectReference
    package let preparedSHA256: ContentDigest?
    package let prepared: ObjectReference?
    /// The newest revision; the prepared version while nobody has signed.
    package let current: ObjectReference?
    /// Set when the envelope is completed.
    package let signedSHA256: ContentDigest?

    package init(
        documentID: DocumentID, documentIndex: Int, original: ObjectReference, preparedSHA256: ContentDigest? = nil,
        prepared: ObjectReference? = nil, current: ObjectReference? = nil, signedSHA256: ContentDigest? = nil
    ) {
        self.documentID = documentID
        self.documentIndex = documentIndex
        self.original = original
        self.preparedSHA256 = preparedSHA256
        self.prepared = prepared
        self.current = current
        self.signedSHA256 = signedSHA256
    }

    private enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case documentIndex = "document_index"
        case original
        case preparedSHA256 = "prepared_sha256"
        case prepared, current
        case signedSHA256 = "signed_sha256"
    }
}

/// The public state of one recipient, without name and address.
package struct SignerSnapshot: Sendable, Hashable, Codable {
    package let requestID: RequestID
    package let status: RequestStatus
    package let generation: Int
    package let delivery: DeliverySnapshot
    /// When the routing reached the recipient; nil means that the link is not active yet.
    package let openedAt: Instant?
    package let notifiedAt: Instant?
    package let viewedAt: Instant?
    package let signedAt: Instant?
    package let declinedAt: Instant?

    package init(
        requestID: RequestID, status: RequestStatus, generation: Int, delivery: DeliverySnapshot,
        openedAt: Instant? = nil, notifiedAt: Instant? = nil, viewedAt: Instant? = nil, signedAt: Instant? = nil,
        declinedAt: Instant? = nil
    ) {
        self.requestID = requestID
        self.status = status
        self.generation = generation
        self.delivery = delivery
        self.openedAt = openedAt
        self.notifiedAt = notifiedAt
        self.viewedAt = viewedAt
        self.signedAt = signedAt
        self.declinedAt = declinedAt
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case status, generation, delivery
        case openedAt = "opened_at"
        case notifiedAt = "notified_at"
        case viewedAt = "viewed_at"
        case signedAt = "signed_at"
        case declinedAt = "declined_at"
    }
}

/// What became of the latest mail.
package struct DeliverySnapshot: Sendable, Hashable, Codable {
    package let status: DeliveryStatus
    /// A code such as the reply code of the mail server.
    package let reason: String?

    package init(status: DeliveryStatus, reason: String? = nil) {
        self.status = status
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case status, reason
    }
}
