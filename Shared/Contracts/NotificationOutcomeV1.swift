// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// What became of one mail.
package struct NotificationOutcomeV1: VersionedMessage {
    package static let messageType = "NotificationOutcomeV1"
    package static let topic = Topic.notificationEvents

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    package let generation: Int
    package let kind: NotificationKind
    package let status: DeliveryStatus
    /// A code; never an address or the text of a reply.
    package let reason: String?
    package let occurredAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, kind: NotificationKind,
        status: DeliveryStatus, reason: String? = nil, occurredAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.kind = kind
        self.status = status
        self.reason = reason
        self.occurredAt = occurredAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation, kind, status, reason
        case occurredAt = "occurred_at"
    }
}
