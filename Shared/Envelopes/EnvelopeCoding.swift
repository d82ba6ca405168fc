// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials

/// The text form of the state: all but the draft, which never changes and is kept apart.
extension Envelope: Encodable, DecodableWithConfiguration {
    private enum CodingKeys: String, CodingKey {
        case policy
        case retentionClass = "retention_class"
        case correlationID = "correlation_id"
        case isReleased = "is_released"
        case sentAt = "sent_at"
        case documents, requests, status, sequence
        case updatedAt = "updated_at"
        case completedAt = "completed_at"
        case evidence, artifacts
        case storedArtifacts = "stored_artifacts"
        case evidenceIssuedAt = "evidence_issued_at"
        case auditPositions = "audit_positions"
    }

    /// Joins a state to the draft that it began with.
    ///
    /// - Throws: `DecodingError` for a state that this version cannot read.
    package init(from decoder: any Decoder, configuration draft: EnvelopeDraft) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.draft = draft
        policy = try container.decode(PolicyDecision.self, forKey: .policy)
        retentionClass = try container.decode(String.self, forKey: .retentionClass)
        correlationID = try container.decode(String.self, forKey: .correlationID)
        status = try container.decode(EnvelopeStatus.self, forKey: .status)
        isReleased = try container.decode(Bool.self, forKey: .isReleased)
        sequence = try container.decode(Int64.self, forKey: .sequence)
        updatedAt = try container.decode(Instant.self, forKey: .updatedAt)
        sentAt = try container.decodeIfPresent(Instant.self, forKey: .sentAt)
        completedAt = try container.decodeIfPresent(Instant.self, forKey: .completedAt)
        evidence = try container.decode(EvidenceStatus.self, forKey: .evidence)
        documents = try container.decode([EnvelopeDocument].self, forKey: .documents)
        requests = try container.decode([SigningRequest].self, forKey: .requests)
        artifacts = try container.decode([Artifact].self, forKey: .artifacts)
        storedArtifacts = try container.decode([ArtifactID].self, forKey: .storedArtifacts)
        evidenceIssuedAt = try container.decodeIfPresent(Instant.self, forKey: .evidenceIssuedAt)
        auditPositions = try container.decode([AuditPosition].self, forKey: .auditPositions)
    }

    /// Writes the state without the draft.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        // What changes least comes first: the log of the database repeats only what differs from the state before.
        try container.encode(policy, forKey: .policy)
        try container.encode(retentionClass, forKey: .retentionClass)
        try container.encode(correlationID, forKey: .correlationID)
        try container.encode(isReleased, forKey: .isReleased)
        try container.encodeIfPresent(sentAt, forKey: .sentAt)
        try container.encode(documents, forKey: .documents)
        try container.encode(requests, forKey: .requests)
        try container.encode(status, forKey: .status)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encodeIfPresent(completedAt, forKey: .completedAt)
        try container.encode(evidence, forKey: .evidence)
        try container.encode(artifacts, forKey: .artifacts)
        try container.encode(storedArtifacts, forKey: .storedArtifacts)
        try container.encodeIfPresent(evidenceIssuedAt, forKey: .evidenceIssuedAt)
        try container.encode(auditPositions, forKey: .auditPositions)
    }
}
