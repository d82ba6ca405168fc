// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import Clocks
package import FoundationEssentials

/// What an audit event is about; each subject has its own chain.
package enum AuditSubject: Sendable, Hashable {
    case envelope(EnvelopeID)
    case tenant
    case system
}

/// How the act ended.
package enum AuditOutcome: String, Sendable, Hashable, Codable, CaseIterable {
    case done
    case denied
    case failed
}

/// What kind of actor did it.
package enum AuditActorKind: String, Sendable, Hashable, Codable, CaseIterable {
    case serviceAccount = "service_account"
    case recipient
    case `operator`
    case system
    case anonymous
}

/// Who did it, under a per-tenant pseudonym: never a name or an address.
package struct AuditActor: Sendable, Hashable, Codable {
    package let kind: AuditActorKind
    package let id: String

    package init(kind: AuditActorKind, id: String) {
        self.kind = kind
        self.id = id
    }

    /// The recipient whose turn it is.
    package static func recipient(_ request: RequestID) -> AuditActor {
        AuditActor(kind: .recipient, id: request.description)
    }

    /// The tenant's program.
    package static func serviceAccount(_ account: ServiceAccountID) -> AuditActor {
        AuditActor(kind: .serviceAccount, id: account.description)
    }

    /// A service of ours acting by itself, such as `paraph-orchestrator`.
    package static func system(_ service: String) -> AuditActor { AuditActor(kind: .system, id: service) }
}

/// A normalised event name such as `recipient.signed`; an open set, because every service adds its own.
package struct AuditEventType: Sendable, Hashable, Codable, RawRepresentable, ExpressibleByStringLiteral {
    package let rawValue: String

    /// Answers nil unless the name is 1 to 64 lower-case letters, underscores and dots.
    package init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ (97...122).contains($0) || $0 == 46 || $0 == 95 })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Names an event in source code; a malformed literal is a programmer's error.
    package init(stringLiteral value: StaticString) {
        self.rawValue = value.description
    }
}

/// The part of an audit event that is hashed as it stands: everything but the personal data.
package struct AuditFact: Sendable, Hashable {
    package var eventID: UUID
    package var tenantID: TenantID
    package var subject: AuditSubject
    package var eventType: AuditEventType
    package var outcome: AuditOutcome
    /// A code that explains a denial or failure; never free text.
    package var reason: String?
    package var actor: AuditActor
    package var documentID: DocumentID?
    package var requestID: RequestID?
    package var artifactID: ArtifactID?
    /// Digests by their public name, such as `prepared_sha256`.
    package var hashes: [String: ContentDigest]
    package var occurredAt: Instant
    package var correlationID: String
    package var policyVersion: String?
    package var signingMethod: SigningMethod?
    package var legalStandard: LegalStandard?
    /// Structured details without personal data.
    package var metadata: [String: JSONValue]

    package init(
        eventID: UUID, tenantID: TenantID, subject: AuditSubject, eventType: AuditEventType,
        outcome: AuditOutcome = .done, reason: String? = nil, actor: AuditActor, documentID: DocumentID? = nil,
        requestID: RequestID? = nil, artifactID: ArtifactID? = nil, hashes: [String: ContentDigest] = [:],
        occurredAt: Instant, correlationID: String, policy: PolicyDecision? = nil, metadata: [String: JSONValue] = [:]
    ) {
        self.eventID = eventID
        self.tenantID = tenantID
        self.subject = subject
        self.eventType = eventType
        self.outcome = outcome
        self.reason = reason
        self.actor = actor
        self.documentID = documentID
        self.requestID = requestID
        self.artifactID = artifactID
        self.hashes = hashes
        self.occurredAt = occurredAt
        self.correlationID = correlationID
        self.policyVersion = policy?.policyVersion
        self.signingMethod = policy?.signingMethod
        self.legalStandard = policy?.legalStandard
        self.metadata = metadata
    }
}

/// The part that is sealed under the envelope's data key and can be destroyed without breaking the chain.
package struct PersonalData: Sendable, Hashable, Codable {
    package var name: String?
    package var email: String?
    package var ipAddress: String?
    package var userAgent: String?
    package var text: String?

    package init(
        name: String? = nil, email: String? = nil, ipAddress: String? = nil, userAgent: String? = nil,
        text: String? = nil
    ) {
        self.name = name
        self.email = email
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        self.text = text
    }

    /// Whether there is nothing to seal.
    package var isEmpty: Bool { self == PersonalData() }

    private enum CodingKeys: String, CodingKey {
        case name, email
        case ipAddress = "ip_address"
        case userAgent = "user_agent"
        case text
    }
}
