// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import Foundation
import Messaging

/// Which chain an event belongs to: one per envelope, one per tenant and month, one per month for the system.
struct ChainAddress: Hashable {
    /// The system's chains belong to no tenant.
    static let noTenant = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    let tenantID: TenantID
    let kind: ChainGenesis.SubjectKind
    let chainID: UUID

    init(of fact: AuditFact) {
        switch fact.subject {
        case .envelope(let envelope):
            tenantID = fact.tenantID
            kind = .envelope
            chainID = envelope.uuid
        case .tenant:
            tenantID = fact.tenantID
            kind = .tenant
            chainID = Self.monthly(kind, tenant: fact.tenantID, at: fact.occurredAt)
        case .system:
            tenantID = Self.noTenant
            kind = .system
            chainID = Self.monthly(kind, tenant: Self.noTenant, at: fact.occurredAt)
        }
    }

    /// The same id for the same tenant and month wherever it is computed: UUID version 8 (RFC 9562, 5.8) over a digest.
    private static func monthly(_ kind: ChainGenesis.SubjectKind, tenant: TenantID, at time: Instant) -> UUID {
        var d = SHA256.digest(of: Array("paraph/chain/\(kind.rawValue)/\(tenant)/\(time.month)".utf8))
        d[6] = d[6] & 0x0F | 0x80
        d[8] = d[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]
            ))
    }
}

/// Puts events of one batch into an order in which every cause stands before its effect.
enum CauseBeforeEffect {
    struct Item<Value> {
        let id: String
        /// A producer's events of one key keep their order whatever their causes.
        let stream: MessageStream
        /// The `ce_id` of the audit event that caused this one.
        let after: String?
        let value: Value
    }

    /// Keeps the given order wherever causes allow it; a circle, which no honest producer makes, keeps its order too.
    static func ordered<Value>(_ items: [Item<Value>]) -> [Value] {
        var waiting = items
        var pending = Set(items.map(\.id))
        var result: [Value] = []
        while !waiting.isEmpty {
            var rest: [Item<Value>] = []
            var halted: Set<MessageStream> = []
            for item in waiting {
                let waits = item.after.map { $0 != item.id && pending.contains($0) } ?? false
                if waits || halted.contains(item.stream) {
                    halted.insert(item.stream)
                    rest.append(item)
                } else {
                    pending.remove(item.id)
                    result.append(item.value)
                }
            }
            if rest.count == waiting.count { return result + rest.map(\.value) }
            waiting = rest
        }
        return result
    }
}
