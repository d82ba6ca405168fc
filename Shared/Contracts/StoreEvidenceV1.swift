// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Keep one artifact of a completed envelope write-once.
package struct StoreEvidenceV1: VersionedMessage {
    package static let messageType = "StoreEvidenceV1"
    package static let topic = Topic.evidenceCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let artifactID: ArtifactID
    package let kind: ArtifactKind
    package let version: Int
    /// Where to read it in the working area.
    package let object: ObjectReference
    package let padesLevel: PAdESLevel
    package let retentionClass: String
    package let policyVersion: String
    package let signingMethod: SigningMethod
    package let legalStandard: LegalStandard
    package let completedAt: Instant
    /// The last audit sequence that each producer had told the orchestrator; its own is in the header `audit-after`.
    package let auditSequences: [AuditPosition]

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, artifactID: ArtifactID, kind: ArtifactKind,
        version: Int, object: ObjectReference, padesLevel: PAdESLevel, retentionClass: String, policyVersion: String,
        signingMethod: SigningMethod, legalStandard: LegalStandard, completedAt: Instant,
        auditSequences: [AuditPosition]
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.artifactID = artifactID
        self.kind = kind
        self.version = version
        self.object = object
        self.padesLevel = padesLevel
        self.retentionClass = retentionClass
        self.policyVersion = policyVersion
        self.signingMethod = signingMethod
        self.legalStandard = legalStandard
        self.completedAt = completedAt
        self.auditSequences = auditSequences
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case artifactID = "artifact_id"
        case kind, version, object
        case padesLevel = "pades_level"
        case retentionClass = "retention_class"
        case policyVersion = "policy_version"
        case signingMethod = "signing_method"
        case legalStandard = "legal_standard"
        case completedAt = "completed_at"
        case auditSequences = "audit_sequences"
    }
}
