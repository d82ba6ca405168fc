// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FoundationEssentials

/// Where a data key lies, which its id says, and the bytes that lie there.
///
/// The id is a UUID of version 8 (RFC 9562, 5.8): 48 bits segment, 12 bits slot, 62 bits that nobody can guess. A segment
/// is a file `data-keys/{segment}.keys`, named by the twelve digits that its keys' ids begin with, of up to 4096 slots
/// of 128 bytes. A slot holds the tenant (16 bytes), the key file sealed under the tenant's key, which repeats the whole
/// id (`KeyFile`, 90 bytes), and zeros. A slot of zeros was never written, or its key was destroyed.
///
/// A slot never crosses a disk sector, so that a crash leaves it whole or as it was.
struct KeySlot: Sendable {
    static let size = 128
    /// As many as twelve bits can tell apart.
    static let countPerSegment = 4096
    /// The 48 bits of a segment's number.
    static let segmentMask: UInt64 = 1 << 48 - 1
    private static let sealedCount = 90

    let segment: UInt64
    let index: Int

    var offset: Int { index * Self.size }

    /// The segment's file in the storage folder.
    var fileName: String { Self.fileName(segment: segment) }

    static func fileName(segment: UInt64) -> String {
        "data-keys/\(Hex.encode(segment.bigEndianBytes[2...])).keys"
    }

    /// The number that a new segment takes from an id: a UUIDv7 begins with its time, so later segments sort behind.
    static func segment(named id: UUID) -> UInt64 {
        id.bytes.prefix(6).reduce(0) { $0 << 8 | UInt64($1) }
    }

    init(segment: UInt64, index: Int) {
        self.segment = segment
        self.index = index
    }

    /// Nil for an id that names no slot.
    init?(of id: UUID) {
        let bytes = id.bytes
        guard bytes[6] >> 4 == 8, bytes[8] >> 6 == 2 else { return nil }
        segment = Self.segment(named: id)
        index = Int(bytes[6] & 0x0F) << 8 | Int(bytes[7])
    }

    /// The id of the key that is about to lie here; its last 62 bits are those of `source`.
    func id(from source: UUID) -> UUID {
        let place = segment.bigEndianBytes[2...] + [0x80 | UInt8(index >> 8), UInt8(index & 0xFF)]
        return UUID(bytes: place + source.bytes[8...]) ?? source
    }

    /// The slot's bytes for a sealed key file.
    static func bytes(tenant: UUID, sealed: [UInt8]) -> [UInt8] {
        precondition(sealed.count == sealedCount, "a data key's file has one size")
        return tenant.bytes + sealed + [UInt8](repeating: 0, count: size - 16 - sealed.count)
    }

    /// The sealed key file in a slot's bytes; nil when they are not the key's with this id and tenant.
    /// - Throws: `KeysError.damaged` when no data key has such bytes.
    static func sealed(in bytes: [UInt8], tenant: UUID, id: UUID, path: String) throws(KeysError) -> [UInt8]? {
        // Empty: the file has not grown to this slot.
        if bytes.isEmpty || bytes.count == size && bytes.allSatisfy({ $0 == 0 }) { return nil }
        let end = 16 + sealedCount
        guard bytes.count == size, bytes[end...].allSatisfy({ $0 == 0 }) else { throw .damaged(path: path) }
        let sealed = Array(bytes[16..<end])
        guard try KeyFile.keyID(ofSealed: sealed, purpose: .data, path: path) == id,
            bytes.starts(with: tenant.bytes)
        else { return nil }
        return sealed
    }
}
