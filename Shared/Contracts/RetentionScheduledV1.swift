// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// An artifact has its class and its earliest day of disposal.
package struct RetentionScheduledV1: VersionedMessage {
    package static let messageType = "RetentionScheduledV1"
    package static let topic = Topic.retentionEvents

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let artifactID: ArtifactID
    package let kind: ArtifactKind
    package let retentionClass: String
    /// The instant that the period counts from.
    package let anchoredAt: Instant
    package let dueAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, artifactID: ArtifactID, kind: ArtifactKind, retentionClass: String,
        anchoredAt: Instant, dueAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.artifactID = artifactID
        self.kind = kind
        self.retentionClass = retentionClass
        self.anchoredAt = anchoredAt
        self.dueAt = dueAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case artifactID = "artifact_id"
        case kind
        case retentionClass = "retention_class"
        case anchoredAt = "anchored_at"
        case dueAt = "due_at"
    }
}
