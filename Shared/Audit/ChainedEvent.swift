// SPDX-License-Identifier: Apache-2.0
import ByteCoding
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
    ///
    /// Members are written in the order that RFC 8785, 3.2.3 asks for, so nothing has to be sorted.
    package func canonicalBytes() -> [UInt8] {
        var text = CanonicalObject()
        text.reserve(1024)
        text.add("actor", id: fact.actor.id, kind: fact.actor.kind.rawValue)
        text.add("artifact_id", fact.artifactID?.description)
        text.add("correlation_id", fact.correlationID)
        text.add("document_id", fact.documentID?.description)
        text.add("event_id", fact.eventID.text)
        text.add("event_type", fact.eventType.rawValue)
        text.add("hashes", fact.hashes.mapValues { .string($0.hex) })
        text.add("legal_standard", fact.legalStandard?.rawValue)
        text.add("metadata", fact.metadata)
        text.add("occurred_at", fact.occurredAt.rfc3339(fractionDigits: 6))
        if isOutOfOrder { text.add("out_of_order", JSONValue.bool(true)) }
        text.add("outcome", fact.outcome.rawValue)
        text.add("personal_sha256", personalSHA256?.hex)
        text.add("policy_version", fact.policyVersion)
        text.add("producer", producer)
        text.add("producer_seq", JSONValue.integer(producerSequence))
        text.add("reason", fact.reason)
        text.add("request_id", fact.requestID?.description)
        text.add("signing_method", fact.signingMethod?.rawValue)
        switch fact.subject {
        case .envelope(let id): text.add("subject", id: id.description, kind: "envelope")
        case .tenant: text.add("subject", id: nil, kind: "tenant")
        case .system: text.add("subject", id: nil, kind: "system")
        }
        text.add("tenant_id", fact.tenantID.description)
        return text.closed()
    }
}

/// A JSON object written member by member; what is nil or empty is left out.
private struct CanonicalObject {
    private var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func add(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        begin(key)
        JSONText.writeString(value, into: &bytes)
    }

    mutating func add(_ key: StaticString, _ members: [String: JSONValue]) {
        if !members.isEmpty { add(key, .object(members)) }
    }

    mutating func add(_ key: StaticString, _ value: JSONValue) {
        begin(key)
        bytes += value.canonicalBytes()
    }

    mutating func add(_ key: StaticString, id: String?, kind: String) {
        begin(key)
        var members = CanonicalObject()
        members.add("id", id)
        members.add("kind", kind)
        bytes += members.closed()
    }

    func closed() -> [UInt8] { bytes + [UInt8(ascii: "}")] }

    private mutating func begin(_ key: StaticString) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        JSONText.writeString(key.description, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}
