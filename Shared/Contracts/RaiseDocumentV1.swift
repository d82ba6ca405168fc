// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Append what proves a signed document for longer; there is no answer while another attempt may succeed.
package struct RaiseDocumentV1: VersionedMessage {
    package static let messageType = "RaiseDocumentV1"
    package static let topic = Topic.signingRaises

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let jobID: JobID
    /// The version that the raised revision gets.
    package let version: Int
    /// The id that the raised revision is stored under.
    package let artifactID: ArtifactID
    /// The newest revision, to append to.
    package let base: ObjectReference
    /// The level of the base.
    package let baseLevel: PAdESLevel
    package let requestedAt: Instant
    /// An attempt from then on is the last one and keeps what it reaches.
    package let deadline: Instant
    /// Names the level to reach.
    package let policy: PolicyDecision

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, jobID: JobID, version: Int,
        artifactID: ArtifactID, base: ObjectReference, baseLevel: PAdESLevel, requestedAt: Instant, deadline: Instant,
        policy: PolicyDecision
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.jobID = jobID
        self.version = version
        self.artifactID = artifactID
        self.base = base
        self.baseLevel = baseLevel
        self.requestedAt = requestedAt
        self.deadline = deadline
        self.policy = policy
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case jobID = "job_id"
        case version
        case artifactID = "artifact_id"
        case base
        case baseLevel = "base_level"
        case requestedAt = "requested_at"
        case deadline, policy
    }
}
