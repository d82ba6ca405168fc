// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A signed revision is stored.
package struct DocumentSignedV1: VersionedMessage {
    package static let messageType = "DocumentSignedV1"
    package static let topic = Topic.signingResults

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let requestID: RequestID
    package let jobID: JobID
    package let version: Int
    package let revision: ObjectReference
    /// The level that was reached.
    package let padesLevel: PAdESLevel
    /// Names the certificate that signed.
    package let certificateSHA256: ContentDigest
    package let signedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, requestID: RequestID, jobID: JobID,
        version: Int, revision: ObjectReference, padesLevel: PAdESLevel, certificateSHA256: ContentDigest,
        signedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.requestID = requestID
        self.jobID = jobID
        self.version = version
        self.revision = revision
        self.padesLevel = padesLevel
        self.certificateSHA256 = certificateSHA256
        self.signedAt = signedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case requestID = "request_id"
        case jobID = "job_id"
        case version, revision
        case padesLevel = "pades_level"
        case certificateSHA256 = "certificate_sha256"
        case signedAt = "signed_at"
    }
}
