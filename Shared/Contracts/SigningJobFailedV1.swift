// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A job cannot be done however often it is tried.
package struct SigningJobFailedV1: VersionedMessage {
    package static let messageType = "SigningJobFailedV1"
    package static let topic = Topic.signingResults

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    /// Nil when the prepared version could not be made, or a signed document not be raised.
    package let requestID: RequestID?
    package let jobID: JobID
    package let code: String
    package let failedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, requestID: RequestID? = nil, jobID: JobID,
        code: String, failedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.requestID = requestID
        self.jobID = jobID
        self.code = code
        self.failedAt = failedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case requestID = "request_id"
        case jobID = "job_id"
        case code
        case failedAt = "failed_at"
    }
}
