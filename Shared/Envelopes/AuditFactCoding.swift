// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import FoundationEssentials

extension AuditSubject: Codable {
    private enum CodingKeys: String, CodingKey { case kind, id }
    private enum Kind: String, Codable { case envelope, tenant, system }

    /// Reads `{kind, id}`; only an envelope has an id.
    ///
    /// - Throws: `DecodingError` for an unknown kind or a missing id.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .envelope: self = .envelope(try container.decode(EnvelopeID.self, forKey: .id))
        case .tenant: self = .tenant
        case .system: self = .system
        }
    }

    /// Writes `{kind, id}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .envelope(let id):
            try container.encode(Kind.envelope, forKey: .kind)
            try container.encode(id, forKey: .id)
        case .tenant: try container.encode(Kind.tenant, forKey: .kind)
        case .system: try container.encode(Kind.system, forKey: .kind)
        }
    }
}

extension AuditFact: Codable {
    /// The names of the fields in messages, hashes and exports.
    package enum CodingKeys: String, CodingKey {
        case eventID = "event_id"
        case tenantID = "tenant_id"
        case subject
        case eventType = "event_type"
        case outcome, reason, actor
        case documentID = "document_id"
        case requestID = "request_id"
        case artifactID = "artifact_id"
        case hashes
        case occurredAt = "occurred_at"
        case correlationID = "correlation_id"
        case policyVersion = "policy_version"
        case signingMethod = "signing_method"
        case legalStandard = "legal_standard"
        case metadata
    }

    /// Reads an event; absent hashes and metadata are empty.
    ///
    /// - Throws: `DecodingError` for a missing field or an unknown word.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let eventID = UUID(text: try container.decode(String.self, forKey: .eventID)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .eventID, in: container, debugDescription: "expected a UUID")
        }
        self.eventID = eventID
        tenantID = try container.decode(TenantID.self, forKey: .tenantID)
        subject = try container.decode(AuditSubject.self, forKey: .subject)
        eventType = try container.decode(AuditEventType.self, forKey: .eventType)
        outcome = try container.decode(AuditOutcome.self, forKey: .outcome)
        reason = try container.decodeIfPresent(String.self, forKey: .reason)
        actor = try container.decode(AuditActor.self, forKey: .actor)
        documentID = try container.decodeIfPresent(DocumentID.self, forKey: .documentID)
        requestID = try container.decodeIfPresent(RequestID.self, forKey: .requestID)
        artifactID = try container.decodeIfPresent(ArtifactID.self, forKey: .artifactID)
        hashes = try container.decodeIfPresent([String: ContentDigest].self, forKey: .hashes) ?? [:]
        occurredAt = try container.decode(Instant.self, forKey: .occurredAt)
        correlationID = try container.decode(String.self, forKey: .correlationID)
        policyVersion = try container.decodeIfPresent(String.self, forKey: .policyVersion)
        signingMethod = try container.decodeIfPresent(SigningMethod.self, forKey: .signingMethod)
        legalStandard = try container.decodeIfPresent(LegalStandard.self, forKey: .legalStandard)
        metadata = try container.decodeIfPresent([String: JSONValue].self, forKey: .metadata) ?? [:]
    }

    /// Writes an event; what is nil or empty is left out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(eventID.text, forKey: .eventID)
        try container.encode(tenantID, forKey: .tenantID)
        try container.encode(subject, forKey: .subject)
        try container.encode(eventType, forKey: .eventType)
        try container.encode(outcome, forKey: .outcome)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encode(actor, forKey: .actor)
        try container.encodeIfPresent(documentID, forKey: .documentID)
        try container.encodeIfPresent(requestID, forKey: .requestID)
        try container.encodeIfPresent(artifactID, forKey: .artifactID)
        if !hashes.isEmpty { try container.encode(hashes, forKey: .hashes) }
        try container.encode(occurredAt, forKey: .occurredAt)
        try container.encode(correlationID, forKey: .correlationID)
        try container.encodeIfPresent(policyVersion, forKey: .policyVersion)
        try container.encodeIfPresent(signingMethod, forKey: .signingMethod)
        try container.encodeIfPresent(legalStandard, forKey: .legalStandard)
        if !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
    }
}
