// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// What a stored object is to an envelope.
package enum ArtifactKind: String, Sendable, Hashable, Codable, CaseIterable {
    case originalDocument = "original_document"
    case preparedDocument = "prepared_document"
    case revision
    case signedDocument = "signed_document"
    case signatureImage = "signature_image"
    case completionCertificate = "completion_certificate"
    case evidencePackage = "evidence_package"
    case auditTrail = "audit_trail"
}

/// A finished, downloadable object of an envelope; a higher level makes a new version and keeps the old one.
package struct Artifact: Sendable, Hashable, Codable {
    package let artifactID: ArtifactID
    package let documentID: DocumentID
    package let kind: ArtifactKind
    /// Counts from 1 within document and kind.
    package let version: Int
    package let padesLevel: PAdESLevel
    package let createdAt: Instant
    /// The working object that holds the bytes until, and after, the vault has its own copy.
    package let object: ObjectReference

    package init(
        artifactID: ArtifactID, documentID: DocumentID, kind: ArtifactKind, version: Int, padesLevel: PAdESLevel,
        createdAt: Instant, object: ObjectReference
    ) {
        self.artifactID = artifactID
        self.documentID = documentID
        self.kind = kind
        self.version = version
        self.padesLevel = padesLevel
        self.createdAt = createdAt
        self.object = object
    }

    private enum CodingKeys: String, CodingKey {
        case artifactID = "artifact_id"
        case documentID = "document_id"
        case kind, version
        case padesLevel = "pades_level"
        case createdAt = "created_at"
        case object
    }
}

/// How far one producer's audit stream reached; an envelope is sealed only when all of these are in.
package struct AuditPosition: Sendable, Hashable, Codable {
    package let producer: String
    package var sequence: Int64

    package init(producer: String, sequence: Int64) {
        self.producer = producer
        self.sequence = sequence
    }
}
