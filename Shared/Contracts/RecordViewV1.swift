// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A recipient opened the page by an own step.
package struct RecordViewV1: VersionedMessage {
    package static let messageType = "RecordViewV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    /// The generation of the link that was used; an older one is refused.
    package let generation: Int
    package let viewedAt: Instant
    /// Personal: sealed in the audit log and kept nowhere else.
    package let client: ClientContext

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, viewedAt: Instant,
        client: ClientContext
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.viewedAt = viewedAt
        self.client = client
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation
        case viewedAt = "viewed_at"
        case client
    }
}
