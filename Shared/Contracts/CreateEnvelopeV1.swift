// SPDX-License-Identifier: Apache-2.0
package import Envelopes

/// A sender asked for an envelope; all ids in it are final.
package struct CreateEnvelopeV1: VersionedMessage {
    package static let messageType = "CreateEnvelopeV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestedBy: AuditActor
    /// The bulk request that it came with.
    package let batchID: String?
    package let envelope: EnvelopeDraft

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestedBy: AuditActor, batchID: String? = nil,
        envelope: EnvelopeDraft
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestedBy = requestedBy
        self.batchID = batchID
        self.envelope = envelope
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestedBy = "requested_by"
        case batchID = "batch_id"
        case envelope
    }
}
