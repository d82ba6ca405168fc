// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Envelopes
import FoundationEssentials

/// A member that is missing or not what it should be; never says the value.
package struct UnreadableMember: Error, Equatable {
    /// The member's name, or `payload` for what is no JSON at all.
    package let name: String
}

extension AuditEventV1 {
    /// Reads a payload straight from its JSON, for the vault: twenty of them come with each envelope.
    ///
    /// It takes what `init(from:)` takes: members that are not known are passed over.
    package init(payload: [UInt8]) throws(UnreadableMember) {
        let value: JSONValue
        do throws(JSONValueError) {
            value = try JSONValue(parsing: payload)
        } catch {
            throw UnreadableMember(name: "payload")
        }
        let members = Members(value)
        var fact = AuditFact(
            eventID: try members.required("event_id") { UUID(text: $0) },
            tenantID: try members.required("tenant_id", read: TenantID.init), subject: try Self.subject(in: members),
            eventType: try members.required("event_type") { AuditEventType(rawValue: $0) },
            outcome: try members.required("outcome", read: AuditOutcome.init), reason: try members.text("reason"),
            actor: try Self.actor(in: members), documentID: try members.optional("document_id", read: DocumentID.init),
            requestID: try members.optional("request_id", read: RequestID.init),
            artifactID: try members.optional("artifact_id", read: ArtifactID.init),
            hashes: try Self.hashes(in: members),
            occurredAt: try members.required("occurred_at") { Instant(rfc3339: $0) },
            correlationID: try members.required("correlation_id") { $0 },
            metadata: try members.object("metadata") ?? [:])
        fact.policyVersion = try members.text("policy_version")
        fact.signingMethod = try members.optional("signing_method", read: SigningMethod.init)
        fact.legalStandard = try members.optional("legal_standard", read: LegalStandard.init)
        self.init(fact: fact, personal: try Self.personal(in: members))
    }

    private static func subject(in members: Members) throws(UnreadableMember) -> AuditSubject {
        let subject = Members(try members.object("subject"))
        switch try subject.text("kind") {
        case "envelope": return .envelope(try subject.required("id", read: EnvelopeID.init))
        case "tenant": return .tenant
        case "system": return .system
        default: throw UnreadableMember(name: "subject.kind")
        }
    }

    private static func actor(in members: Members) throws(UnreadableMember) -> AuditActor {
        let actor = Members(try members.object("actor"))
        return AuditActor(
            kind: try actor.required("kind", read: AuditActorKind.init), id: try actor.required("id") { $0 })
    }

    private static func hashes(in members: Members) throws(UnreadableMember) -> [String: ContentDigest] {
        let values = try members.object("hashes") ?? [:]
        let hashes = Members(values)
        var digests: [String: ContentDigest] = [:]
        for name in values.keys { digests[name] = try hashes.required(name) { ContentDigest(hex: $0) } }
        return digests
    }

    private static func personal(in members: Members) throws(UnreadableMember) -> PersonalData? {
        guard let values = try members.object("personal") else { return nil }
        let personal = Members(values)
        return PersonalData(
            name: try personal.text("name"), email: try personal.text("email"),
            ipAddress: try personal.text("ip_address"), userAgent: try personal.text("user_agent"),
            text: try personal.text("text"))
    }

    /// The members of one object; what stands as null counts as absent.
    private struct Members {
        private let values: [String: JSONValue]

        init(_ value: JSONValue) { values = value.objectValue ?? [:] }

        init(_ values: [String: JSONValue]?) { self.values = values ?? [:] }

        func text(_ name: String) throws(UnreadableMember) -> String? {
            switch values[name] {
            case nil, .null: return nil
            case .string(let text): return text
            default: throw UnreadableMember(name: name)
            }
        }

        func object(_ name: String) throws(UnreadableMember) -> [String: JSONValue]? {
            switch values[name] {
            case nil, .null: return nil
            case .object(let members): return members
            default: throw UnreadableMember(name: name)
            }
        }

        func optional<Value>(_ name: String, read: (String) -> Value?) throws(UnreadableMember) -> Value? {
            guard let text = try text(name) else { return nil }
            guard let value = read(text) else { throw UnreadableMember(name: name) }
            return value
        }

        func required<Value>(_ name: String, read: (String) -> Value?) throws(UnreadableMember) -> Value {
            guard let value = try optional(name, read: read) else { throw UnreadableMember(name: name) }
            return value
        }
    }
}
