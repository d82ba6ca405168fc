// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import Clocks
package import Envelopes
package import FoundationEssentials

/// What a chain begins with; link 0 covers it, so a chain cannot be passed off as another one.
package struct ChainGenesis: Sendable, Hashable {
    package let tenantID: TenantID
    /// The envelope's own id, or an id made for a month of a tenant or of the system.
    package let chainID: UUID
    package let subjectKind: SubjectKind
    package let startedAt: Instant
    package let policyVersion: String
    /// The head of the chain of the month before; nil for an envelope and for a first month.
    package let previousHead: ContentDigest?

    /// The kinds of chain.
    package enum SubjectKind: String, Sendable, Hashable, Codable, CaseIterable {
        case envelope
        case tenant
        case system
    }

    package init(
        tenantID: TenantID, chainID: UUID, subjectKind: SubjectKind, startedAt: Instant, policyVersion: String,
        previousHead: ContentDigest? = nil
    ) {
        self.tenantID = tenantID
        self.chainID = chainID
        self.subjectKind = subjectKind
        self.startedAt = startedAt
        self.policyVersion = policyVersion
        self.previousHead = previousHead
    }

    /// The genesis record as it is hashed and exported.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "tenant_id": .string(tenantID.description),
            "chain_id": .string(chainID.text),
            "subject_kind": .string(subjectKind.rawValue),
            "chain_started_at": .string(startedAt.rfc3339(fractionDigits: 6)),
            "policy_version": .string(policyVersion),
        ]
        members["previous_head"] = previousHead.map { .string($0.hex) }
        return .object(members)
    }

    /// Reads an exported genesis record; nil when a member is missing or malformed.
    package init?(json: JSONValue) {
        guard let tenant = json["tenant_id"]?.stringValue.flatMap({ TenantID($0) }),
            let chain = json["chain_id"]?.stringValue.flatMap({ UUID(text: $0) }),
            let kind = json["subject_kind"]?.stringValue.flatMap({ SubjectKind(rawValue: $0) }),
            let started = json["chain_started_at"]?.stringValue.flatMap({ Instant(rfc3339: $0) }),
            let policy = json["policy_version"]?.stringValue
        else { return nil }
        var head: ContentDigest?
        if let text = json["previous_head"]?.stringValue {
            guard let digest = ContentDigest(hex: text) else { return nil }
            head = digest
        }
        self.init(
            tenantID: tenant, chainID: chain, subjectKind: kind, startedAt: started, policyVersion: policy,
            previousHead: head)
    }
}
