// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A sender asked for a new link to one recipient.
package struct ResendRequestV1: VersionedMessage {
    package static let messageType = "ResendRequestV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    /// The generation that the new link is to have; one that exists already is a duplicate.
    package let generation: Int
    package let requestedBy: AuditActor
    package let requestedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, requestedBy: AuditActor,
        requestedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation
        case requestedBy = "requested_by"
        case requestedAt = "requested_at"
    }
}
