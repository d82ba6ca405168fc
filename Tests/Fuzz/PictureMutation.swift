// SPDX-License-Identifier: Apache-2.0

/// Changes a picture; the checksums of a PNG are made right again, since its reader looks no further otherwise.
enum PictureMutation {
    static func mutated(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = bytes
        ByteMutation.change(&bytes, times: 1 + dice.below(3), &dice)
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]), !dice.isOne(in: 4) { seal(&bytes) }
        return bytes
    }

    /// Length, type, data and CRC of each chunk (ISO 15948, 5.3).
    private static func seal(_ bytes: inout [UInt8]) {
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            let end = position + 8 + length
            guard end + 4 <= bytes.count else { return }
            let sum = checksum(bytes[(position + 4)..<end])
            for (index, shift) in stride(from: 24, through: 0, by: -8).enumerated() {
                bytes[end + index] = UInt8(truncatingIfNeeded: sum >> UInt32(shift))
            }
            position = end + 4
        }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
        }
        return ~sum
    }
}
