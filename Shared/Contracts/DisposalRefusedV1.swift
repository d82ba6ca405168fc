// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A disposal was asked for and must not happen yet.
package struct DisposalRefusedV1: VersionedMessage {
    package static let messageType = "DisposalRefusedV1"
    package static let topic = Topic.retentionEvents

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let artifactID: ArtifactID
    package let retentionClass: String
    package let dueAt: Instant
    package let code: String
    package let refusedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, artifactID: ArtifactID, retentionClass: String, dueAt: Instant,
        code: String, refusedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.artifactID = artifactID
        self.retentionClass = retentionClass
        self.dueAt = dueAt
        self.code = code
        self.refusedAt = refusedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case artifactID = "artifact_id"
        case retentionClass = "retention_class"
        case dueAt = "due_at"
        case code
        case refusedAt = "refused_at"
    }
}
