// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A revision that proves the signatures for longer is stored; the one before it is its exact prefix and stays.
package struct DocumentRaisedV1: VersionedMessage {
    package static let messageType = "DocumentRaisedV1"
    package static let topic = Topic.signingResults

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let jobID: JobID
    package let version: Int
    package let revision: ObjectReference
    /// The level that was reached; lower than the policy's where time ran out.
    package let padesLevel: PAdESLevel
    package let raisedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, jobID: JobID, version: Int,
        revision: ObjectReference, padesLevel: PAdESLevel, raisedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.jobID = jobID
        self.version = version
        self.revision = revision
        self.padesLevel = padesLevel
        self.raisedAt = raisedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case jobID = "job_id"
        case version, revision
        case padesLevel = "pades_level"
        case raisedAt = "raised_at"
    }
}
