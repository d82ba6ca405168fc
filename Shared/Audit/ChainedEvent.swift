// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Clocks
package import Envelopes
import FoundationEssentials

/// One audit event as the chain covers it: the fact, where it came from, and the digest of its sealed personal data.
package struct ChainedEvent: Sendable, Hashable {
    /// The schema that keeps the chains; its own events have no stream, so their place in the chain numbers them.
    package static let chainOwner = "vault"

    package let fact: AuditFact
    /// The schema that wrote it, such as `orchestration`.
    package let producer: String
    /// Its number in the producer's stream.
    package let producerSequence: Int64
    /// The digest of the ciphertext, so that destroying the key leaves the chain whole; nil without personal data.
    package let personalSHA256: ContentDigest?
    /// Set when the event that caused this one had not come in after the waiting time.
    package let isOutOfOrder: Bool

    package init(
        fact: AuditFact, producer: String, producerSequence: Int64, personalSHA256: ContentDigest?,
        isOutOfOrder: Bool = false
    ) {
        self.fact = fact
        self.producer = producer
        self.producerSequence = producerSequence
        self.personalSHA256 = personalSHA256
        self.isOutOfOrder = isOutOfOrder
    }

    /// The bytes that are hashed for ever: RFC 8785 of exactly these members, absent ones left out.
    package func canonicalBytes() -> [UInt8] { json.canonicalBytes() }

    /// The event as it stands in exports.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "event_id": .string(fact.eventID.text),
            "tenant_id": .string(fact.tenantID.description),
            "subject": subject,
            "event_type": .string(fact.eventType.rawValue),
            "outcome": .string(fact.outcome.rawValue),
            "actor": .object(["kind": .string(fact.actor.kind.rawValue), "id": .string(fact.actor.id)]),
            "occurred_at": .string(fact.occurredAt.rfc3339(fractionDigits: 6)),
            "correlation_id": .string(fact.correlationID),
            "producer": .string(producer),
            "producer_seq": .integer(producerSequence),
        ]
        members["reason"] = fact.reason.map(JSONValue.string)
        members["document_id"] = fact.documentID.map { .string($0.description) }
        members["request_id"] = fact.requestID.map { .string($0.description) }
        members["artifact_id"] = fact.artifactID.map { .string($0.description) }
        members["policy_version"] = fact.policyVersion.map(JSONValue.string)
        members["signing_method"] = fact.signingMethod.map { .string($0.rawValue) }
        members["legal_standard"] = fact.legalStandard.map { .string($0.rawValue) }
        members["personal_sha256"] = personalSHA256.map { .string($0.hex) }
        if isOutOfOrder { members["out_of_order"] = .bool(true) }
        if !fact.hashes.isEmpty { members["hashes"] = .object(fact.hashes.mapValues { .string($0.hex) }) }
        if !fact.metadata.isEmpty { members["metadata"] = .object(fact.metadata) }
        return .object(members)
    }

    private var subject: JSONValue {
        switch fact.subject {
        case .envelope(let id): .object(["kind": "envelope", "id": .string(id.description)])
        case .tenant: .object(["kind": "tenant"])
        case .system: .object(["kind": "system"])
        }
    }
}
