// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A recipient consented and posted the fields.
package struct SubmitFieldsV1: VersionedMessage {
    package static let messageType = "SubmitFieldsV1"
    package static let topic = Topic.envelopeCommands

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    /// The generation of the link that was used; an older one is refused.
    package let generation: Int
    package let submittedAt: Instant
    package let consent: Consent
    package let values: [FieldValue]
    package let signatureImage: ObjectReference?
    /// Personal: sealed in the audit log and kept nowhere else.
    package let client: ClientContext

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, submittedAt: Instant,
        consent: Consent, values: [FieldValue], signatureImage: ObjectReference? = nil, client: ClientContext
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.submittedAt = submittedAt
        self.consent = consent
        self.values = values
        self.signatureImage = signatureImage
        self.client = client
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation
        case submittedAt = "submitted_at"
        case consent, values
        case signatureImage = "signature_image"
        case client
    }
}
