// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A recipient refused to sign.
package struct DeclineRequestV1: VersionedMessage {
    package static let messageType = "DeclineRequestV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    /// The generation of the link that was used; an older one is refused.
    package let generation: Int
    package let declinedAt: Instant
    /// Free text: personal in the audit log.
    package let reason: String
    /// Personal: sealed in the audit log and kept nowhere else.
    package let client: ClientContext

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, declinedAt: Instant,
        reason: String, client: ClientContext
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.declinedAt = declinedAt
        self.reason = reason
        self.client = client
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation
        case declinedAt = "declined_at"
        case reason, client
    }
}
