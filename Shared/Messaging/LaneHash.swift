// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// The one hash that spreads keys over lanes: FNV-1a of the key's sixteen bytes, finished as in MurmurHash3.
///
/// It is part of the wire format: another hash would need a new version of every topic.
package enum LaneHash {
    /// The lane of a key, from 0 to `lanes` - 1.
    package static func lane(of key: UUID, lanes: Int) -> Int {
        let u = key.uuid
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        mix(u.0); mix(u.1); mix(u.2); mix(u.3); mix(u.4); mix(u.5); mix(u.6); mix(u.7)
        mix(u.8); mix(u.9); mix(u.10); mix(u.11); mix(u.12); mix(u.13); mix(u.14); mix(u.15)
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        return Int(hash % UInt64(max(1, lanes)))
    }
}
