// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A sender withdrew an envelope.
package struct VoidEnvelopeV1: VersionedMessage {
    package static let messageType = "VoidEnvelopeV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestedBy: AuditActor
    package let requestedAt: Instant
    /// Free text: shown to recipients, personal in the audit log.
    package let reason: String

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestedBy: AuditActor, requestedAt: Instant, reason: String
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestedBy = "requested_by"
        case requestedAt = "requested_at"
        case reason
    }
}
