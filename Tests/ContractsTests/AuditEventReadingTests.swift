// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Testing

@Suite struct AuditEventReadingTests {
    private static let id = UUID(uuid: (1, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1))

    private static func event(_ parts: Int) throws -> AuditEventV1 {
        func has(_ bit: Int) -> Bool { parts >> bit & 1 == 1 }
        let policy = PolicyDecision(
            policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: .basic)
        let digest = try #require(ContentDigest(bytes: [UInt8](repeating: 7, count: 32)))
        let subject: AuditSubject = has(0) ? .envelope(EnvelopeID(id)) : has(1) ? .tenant : .system
        let fact = AuditFact(
            eventID: id, tenantID: TenantID(id), subject: subject, eventType: "recipient.signed",
            outcome: has(2) ? .denied : .done, reason: has(2) ? "not_due" : nil, actor: .recipient(RequestID(id)),
            documentID: has(3) ? DocumentID(id) : nil, requestID: has(3) ? RequestID(id) : nil,
            artifactID: has(4) ? ArtifactID(id) : nil, hashes: has(4) ? ["a": digest, "b": digest] : [:],
            occurredAt: Instant(microseconds: 1_795_176_000_000_000), correlationID: "c/1",
            policy: has(5) ? policy : nil,
            metadata: has(6) ? ["n": 7, "x": 1.5, "list": ["é\n", true, nil], "o": ["k": "v"]] : [:])
        let person = PersonalData(
            name: "Zoë", email: has(0) ? "z@example.org" : nil, ipAddress: has(1) ? "203.0.113.7" : nil,
            userAgent: "a", text: "\"")
        return AuditEventV1(fact: fact, personal: has(7) ? person : nil)
    }

    @Test(arguments: 0..<256) func `every event that is written is read as it was`(parts: Int) throws {
        let event = try Self.event(parts)
        #expect(try AuditEventV1(payload: Array(try JSONEncoder().encode(event))) == event)
    }

    @Test func `members that are not known are passed over, and null is absent`() throws {
        let event = try Self.event(255)
        var members = try #require(try JSONValue(parsing: CanonicalJSON.bytes(of: event)).objectValue)
        members["later"] = ["a": 1]
        #expect(try AuditEventV1(payload: JSONValue.object(members).canonicalBytes()) == event)
        members["reason"] = .null
        let read = try AuditEventV1(payload: JSONValue.object(members).canonicalBytes())
        #expect(read.fact.reason == nil)
    }

    @Test func `an event without a member that it must have, or with a wrong one, is refused`() throws {
        let whole = try #require(try JSONValue(parsing: CanonicalJSON.bytes(of: Self.event(255))).objectValue)
        let required: Set<String> = [
            "event_id", "tenant_id", "subject", "event_type", "outcome", "actor", "occurred_at", "correlation_id",
        ]
        for name in whole.keys {
            for wrong in [JSONValue.null, 7] where wrong == 7 || required.contains(name) {
                var members = whole
                members[name] = wrong
                let bytes = JSONValue.object(members).canonicalBytes()
                let failure = #expect(throws: UnreadableMember.self, "\(name)") {
                    try AuditEventV1(payload: bytes)
                }
                #expect(failure != nil)
                #expect(throws: DecodingError.self, "\(name)") {
                    try JSONDecoder().decode(AuditEventV1.self, from: Data(bytes))
                }
            }
        }
    }

    @Test func `anything else is refused, and no value stands in the reason`() throws {
        let bytes = try CanonicalJSON.bytes(of: Self.event(255))
        for count in 0..<bytes.count {
            #expect(throws: UnreadableMember.self) { try AuditEventV1(payload: Array(bytes[..<count])) }
        }
        for text in ["[]", "7", "null", #"{"event_id":"Zoë"}"#] {
            let failure = #expect(throws: UnreadableMember.self) { try AuditEventV1(payload: Array(text.utf8)) }
            #expect(failure?.name.contains("Zoë") == false)
        }
    }
}
