// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import Foundation

/// Whom a row of chains is about: an envelope has one chain, a tenant and the system have one a month.
struct ChainSubject: Hashable {
    /// The system's chains belong to no tenant.
    static let noTenant = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    let tenantID: TenantID
    let kind: ChainGenesis.SubjectKind
    private let envelope: UUID?

    init(of fact: AuditFact) {
        switch fact.subject {
        case .envelope(let id):
            tenantID = fact.tenantID
            kind = .envelope
            envelope = id.uuid
        case .tenant:
            tenantID = fact.tenantID
            kind = .tenant
            envelope = nil
        case .system:
            tenantID = Self.noTenant
            kind = .system
            envelope = nil
        }
    }

    /// The chain of that time: the same id wherever it is computed, UUID version 8 (RFC 9562, 5.8) over a digest for a
    /// month.
    func chainID(at time: Instant) -> UUID {
        if let envelope { return envelope }
        var d = SHA256.digest(of: Array("paraph/chain/\(kind.rawValue)/\(tenantID)/\(time.month)".utf8))
        d[6] = d[6] & 0x0F | 0x80
        d[8] = d[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]
            ))
    }
}
