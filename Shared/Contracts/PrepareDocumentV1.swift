// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Make the prepared version: every field of every signer in one revision, before the first signature.
package struct PrepareDocumentV1: VersionedMessage {
    package static let messageType = "PrepareDocumentV1"
    package static let topic = Topic.signingJobs

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let documentIndex: Int
    package let jobID: JobID
    package let source: ObjectReference
    /// The id that the prepared version is stored under.
    package let artifactID: ArtifactID
    package let version: Int
    /// The time to write into the file, so that a repeat gives the same bytes.
    package let preparedAt: Instant
    package let title: String
    package let organisation: String
    package let policy: PolicyDecision
    package let signers: [SignerFields]

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, documentIndex: Int, jobID: JobID,
        source: ObjectReference, artifactID: ArtifactID, version: Int, preparedAt: Instant, title: String,
        organisation: String, policy: PolicyDecision, signers: [SignerFields]
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.documentIndex = documentIndex
        self.jobID = jobID
        self.source = source
        self.artifactID = artifactID
        self.version = version
        self.preparedAt = preparedAt
        self.title = title
        self.organisation = organisation
        self.policy = policy
        self.signers = signers
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case documentIndex = "document_index"
        case jobID = "job_id"
        case source
        case artifactID = "artifact_id"
        case version
        case preparedAt = "prepared_at"
        case title, organisation, policy, signers
    }
}

/// One signer's fields in one document.
package struct SignerFields: Sendable, Hashable, Codable {
    package let requestID: RequestID
    package let orderIndex: Int
    package let name: String
    /// The name of the field that will hold the cryptographic signature.
    package let signatureField: String
    /// All fields of the signer in this document, the signature field among them where it is visible.
    package let fields: [NamedField]

    package init(requestID: RequestID, orderIndex: Int, name: String, signatureField: String, fields: [NamedField]) {
        self.requestID = requestID
        self.orderIndex = orderIndex
        self.name = name
        self.signatureField = signatureField
        self.fields = fields
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case orderIndex = "order_index"
        case name
        case signatureField = "signature_field"
        case fields
    }
}

/// A placement with its name in the PDF's form.
package struct NamedField: Sendable, Hashable, Codable {
    package let name: String
    package let field: FieldPlacement

    package init(name: String, field: FieldPlacement) {
        self.name = name
        self.field = field
    }

    private enum CodingKeys: String, CodingKey {
        case name, field
    }
}
