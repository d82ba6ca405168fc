// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A sender released a draft; it opens once the prepared version exists.
package struct SendEnvelopeV1: VersionedMessage {
    package static let messageType = "SendEnvelopeV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestedBy: AuditActor
    package let requestedAt: Instant

    package init(tenantID: TenantID, envelopeID: EnvelopeID, requestedBy: AuditActor, requestedAt: Instant) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestedBy = "requested_by"
        case requestedAt = "requested_at"
    }
}
