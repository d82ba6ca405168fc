// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// What has to follow a transition; the caller turns each into messages in the transaction that saves the state.
package enum EnvelopeEffect: Sendable, Hashable {
    /// Something to record in the audit log, and to announce where it has a word in the catalogue.
    case occurred(EnvelopeOccurrence)
    case prepareDocument(SigningJob)
    case signDocument(SigningJob)
    case raiseDocument(RaisingJob)
    case notify(RequestID, generation: Int, NotificationKind)
    case storeEvidence(Artifact)
}

/// A recorded transition.
package struct EnvelopeOccurrence: Sendable, Hashable {
    package let type: AuditEventType
    /// The catalogue word that it is announced under; nil for what only the audit log needs.
    package let announced: EnvelopeEventKind?
    package let requestID: RequestID?
    package let documentID: DocumentID?
    package let artifactID: ArtifactID?
    /// A code.
    package let reason: String?
    package let hashes: [String: ContentDigest]
}

/// One unit of work for the signing pool, with all that must be the same when it is issued again.
package struct SigningJob: Sendable, Hashable, Codable {
    package let jobID: JobID
    package let documentID: DocumentID
    /// Nil for the job that makes the prepared version.
    package let requestID: RequestID?
    /// The id that its result is stored under.
    package let artifactID: ArtifactID
    /// The document version that its result becomes.
    package let version: Int
    /// Goes into the file as the time of signing.
    package let createdAt: Instant
    /// When it was last issued; moves with every repetition.
    package var issuedAt: Instant

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case documentID = "document_id"
        case requestID = "request_id"
        case artifactID = "artifact_id"
        case version
        case createdAt = "created_at"
        case issuedAt = "issued_at"
    }
}
