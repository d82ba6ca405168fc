// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FoundationEssentials
import Keys

/// The encrypted form of an object.
///
/// Header: magic (8 bytes), version and segment size (4 each, big endian), data key id (16). Then segments of
/// plaintext, each sealed by AES-256-GCM and followed by its tag; all but the last are full, and only an empty object
/// has an empty one. The nonce holds the segment's index and whether it is the last, so that none can be moved,
/// repeated, left out or cut off; the associated data is header, tenant and artifact, so that no file can stand in for
/// another.
///
/// Counting nonces are safe here, because a data key encrypts one object only.
struct ObjectFormat: Sendable {
    static let segmentSize = 64 * 1024
    static let headerSize = 32
    private static let magic = Array("PARAPHOB".utf8)
    private static let version: UInt32 = 1

    let dataKeyID: UUID
    let header: [UInt8]
    let associatedData: [UInt8]

    init(dataKeyID: UUID, tenant: UUID, artifact: UUID) {
        self.dataKeyID = dataKeyID
        header = Self.magic + Self.version.bigEndianBytes + UInt32(Self.segmentSize).bigEndianBytes + dataKeyID.bytes
        associatedData = header + tenant.bytes + artifact.bytes
    }

    /// Reads a header; nil when it is not one of this version.
    init?(header: [UInt8], tenant: UUID, artifact: UUID) {
        guard header.count == Self.headerSize, let dataKeyID = UUID(bytes: header[16...]) else { return nil }
        self.init(dataKeyID: dataKeyID, tenant: tenant, artifact: artifact)
        guard self.header == header else { return nil }
    }

    func nonce(segment: Int, isLast: Bool) -> [UInt8] {
        [isLast ? 1 : 0, 0, 0, 0] + UInt64(segment).bigEndianBytes
    }

    /// The size of the plaintext of a file; nil when no object has a file of this size.
    static func plaintextSize(ofFile size: Int) -> Int? {
        let body = size - headerSize
        let sealedSegment = segmentSize + AESGCM.tagByteCount
        let segments = (body + sealedSegment - 1) / sealedSegment
        let plaintext = body - segments * AESGCM.tagByteCount
        guard body >= AESGCM.tagByteCount, plaintext >= 0, segmentCount(ofPlaintext: plaintext) == segments else {
            return nil
        }
        return plaintext
    }

    static func segmentCount(ofPlaintext size: Int) -> Int {
        max(1, (size + segmentSize - 1) / segmentSize)
    }
}
