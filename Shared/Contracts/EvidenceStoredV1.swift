// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// The vault keeps an artifact; it cannot be replaced any more.
package struct EvidenceStoredV1: VersionedMessage {
    package static let messageType = "EvidenceStoredV1"
    package static let topic = Topic.evidenceEvents

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let artifactID: ArtifactID
    package let kind: ArtifactKind
    package let version: Int
    /// The write-once copy, readable by the vault only.
    package let object: ObjectReference
    package let retentionClass: String
    package let policyVersion: String
    package let completedAt: Instant
    package let storedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, artifactID: ArtifactID, kind: ArtifactKind,
        version: Int, object: ObjectReference, retentionClass: String, policyVersion: String, completedAt: Instant,
        storedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.artifactID = artifactID
        self.kind = kind
        self.version = version
        self.object = object
        self.retentionClass = retentionClass
        self.policyVersion = policyVersion
        self.completedAt = completedAt
        self.storedAt = storedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case artifactID = "artifact_id"
        case kind, version, object
        case retentionClass = "retention_class"
        case policyVersion = "policy_version"
        case completedAt = "completed_at"
        case storedAt = "stored_at"
    }
}
