// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// The prepared version is stored; its digest is `prepared_sha256`.
package struct DocumentPreparedV1: VersionedMessage {
    package static let messageType = "DocumentPreparedV1"
    package static let topic = Topic.signingResults

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let jobID: JobID
    package let version: Int
    package let prepared: ObjectReference
    package let preparedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, jobID: JobID, version: Int,
        prepared: ObjectReference, preparedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.jobID = jobID
        self.version = version
        self.prepared = prepared
        self.preparedAt = preparedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case jobID = "job_id"
        case version, prepared
        case preparedAt = "prepared_at"
    }
}
