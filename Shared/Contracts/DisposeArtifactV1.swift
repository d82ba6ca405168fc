// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Destroy an artifact that is due.
package struct DisposeArtifactV1: VersionedMessage {
    package static let messageType = "DisposeArtifactV1"
    package static let topic = Topic.retentionCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let artifactID: ArtifactID
    /// The idempotency key of the disposal.
    package let disposalID: JobID
    package let kind: ArtifactKind
    package let retentionClass: String
    package let dueAt: Instant
    package let requestedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, artifactID: ArtifactID, disposalID: JobID, kind: ArtifactKind,
        retentionClass: String, dueAt: Instant, requestedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.artifactID = artifactID
        self.disposalID = disposalID
        self.kind = kind
        self.retentionClass = retentionClass
        self.dueAt = dueAt
        self.requestedAt = requestedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case artifactID = "artifact_id"
        case disposalID = "disposal_id"
        case kind
        case retentionClass = "retention_class"
        case dueAt = "due_at"
        case requestedAt = "requested_at"
    }
}
