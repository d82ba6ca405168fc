// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Append one signature; the message fixes everything that goes into the bytes.
package struct SignDocumentV1: VersionedMessage {
    package static let messageType = "SignDocumentV1"
    package static let topic = Topic.signingJobs

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let documentID: DocumentID
    package let requestID: RequestID
    package let jobID: JobID
    /// The version that the new revision gets.
    package let version: Int
    /// The id that the new revision is stored under.
    package let artifactID: ArtifactID
    /// What everybody consented to; the base must begin with exactly these bytes.
    package let prepared: ObjectReference
    /// The newest revision, to append to.
    package let base: ObjectReference
    package let signingTime: Instant
    package let signer: SignerIdentity
    package let signatureField: String
    package let values: [NamedValue]
    package let signatureImage: ObjectReference?
    package let consent: Consent
    package let policy: PolicyDecision

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, documentID: DocumentID, requestID: RequestID, jobID: JobID,
        version: Int, artifactID: ArtifactID, prepared: ObjectReference, base: ObjectReference, signingTime: Instant,
        signer: SignerIdentity, signatureField: String, values: [NamedValue], signatureImage: ObjectReference? = nil,
        consent: Consent, policy: PolicyDecision
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.documentID = documentID
        self.requestID = requestID
        self.jobID = jobID
        self.version = version
        self.artifactID = artifactID
        self.prepared = prepared
        self.base = base
        self.signingTime = signingTime
        self.signer = signer
        self.signatureField = signatureField
        self.values = values
        self.signatureImage = signatureImage
        self.consent = consent
        self.policy = policy
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case documentID = "document_id"
        case requestID = "request_id"
        case jobID = "job_id"
        case version
        case artifactID = "artifact_id"
        case prepared, base
        case signingTime = "signing_time"
        case signer
        case signatureField = "signature_field"
        case values
        case signatureImage = "signature_image"
        case consent, policy
    }
}

/// Who signs, as the appearance and the signature dictionary say it.
package struct SignerIdentity: Sendable, Hashable, Codable {
    package let name: String
    /// In whose name the seal is made.
    package let organisation: String
    package let method: SigningMethod
    package let authMethod: AuthMethod
    /// What signing means, shown in the appearance and as the reason.
    package let meaning: String

    package init(name: String, organisation: String, method: SigningMethod, authMethod: AuthMethod, meaning: String) {
        self.name = name
        self.organisation = organisation
        self.method = method
        self.authMethod = authMethod
        self.meaning = meaning
    }

    private enum CodingKeys: String, CodingKey {
        case name, organisation, method
        case authMethod = "auth_method"
        case meaning
    }
}

/// A value for one form field of the PDF.
package struct NamedValue: Sendable, Hashable, Codable {
    package let name: String
    package let fieldType: FieldType
    package let value: FieldContent

    package init(name: String, fieldType: FieldType, value: FieldContent) {
        self.name = name
        self.fieldType = fieldType
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case fieldType = "field_type"
        case value
    }
}
