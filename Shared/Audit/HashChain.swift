// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
package import Envelopes
package import FoundationEssentials

/// The hash that ties audit events together.
///
/// `h(n) = SHA-256("paraph/envelope/v1" ‖ 0x00 ‖ tenant ‖ chain ‖ u64be(n) ‖ h(n-1) ‖ SHA-256(canonical event))`.
/// Every member after the terminated domain has a fixed length, so no two different inputs give the same bytes.
package struct HashChain: Sendable, Hashable {
    /// Separates these hashes from every other use of SHA-256.
    package static let domain = "paraph/envelope/v1"

    package let tenantID: TenantID
    package let chainID: UUID
    /// The number of the last link; 0 right after the genesis.
    package private(set) var count: Int64
    /// The hash of the last link: what `prev_hash` of the next row is.
    package private(set) var head: ContentDigest

    /// Starts a chain; link 0 covers the genesis record and, in place of a predecessor, the previous month's head.
    package init(genesis: ChainGenesis) {
        tenantID = genesis.tenantID
        chainID = genesis.chainID
        count = 0
        head = Self.link(
            tenantID: genesis.tenantID, chainID: genesis.chainID, number: 0,
            previous: genesis.previousHead?.bytes ?? [UInt8](repeating: 0, count: 32),
            record: genesis.json.canonicalBytes())
    }

    /// Goes on from a stored head.
    package init(tenantID: TenantID, chainID: UUID, count: Int64, head: ContentDigest) {
        self.tenantID = tenantID
        self.chainID = chainID
        self.count = count
        self.head = head
    }

    /// Appends an event and answers with its hash, the new head.
    @discardableResult
    package mutating func append(canonicalEvent: [UInt8]) -> ContentDigest {
        head = Self.link(
            tenantID: tenantID, chainID: chainID, number: count + 1, previous: head.bytes, record: canonicalEvent)
        count += 1
        return head
    }

    private static func link(
        tenantID: TenantID, chainID: UUID, number: Int64, previous: [UInt8], record: [UInt8]
    ) -> ContentDigest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(domain.utf8.count + 105)
        bytes += domain.utf8
        bytes.append(0)
        bytes += tenantID.bytes
        bytes += chainID.bytes
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
        }
        bytes += previous
        bytes += SHA256.digest(of: record)
        guard let digest = ContentDigest(bytes: SHA256.digest(of: bytes)) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }
}
