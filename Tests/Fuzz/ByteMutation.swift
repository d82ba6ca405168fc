// SPDX-License-Identifier: Apache-2.0

/// Changes bytes without regard to what they mean.
enum ByteMutation {
    /// Words that parsers decide by.
    static let words = [
        "obj", "endobj", "stream", "endstream", "xref", "trailer", "startxref", "%%EOF", "<<", ">>", "[", "]", "(", ")",
        "<", ">", "/", "null", "true", "1 0 R", "0 0 R", "2147483648 0 R", "1 65536 R", "-1", "0", "65535",
        "2147483647", "4294967296", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e999", ".",
        "-", "#00", "\u{0}",
    ].map { Array($0.utf8) }

    /// Some changes; few ones leave enough whole to be read further.
    static func change(_ bytes: inout [UInt8], times: Int, _ dice: inout Dice) {
        for _ in 0..<times where !bytes.isEmpty { change(&bytes, &dice) }
    }

    private static func change(_ bytes: inout [UInt8], _ dice: inout Dice) {
        let place = place(in: bytes, &dice)
        switch dice.below(11) {
        case 0: bytes[place] ^= 1 << UInt8(dice.below(8))
        case 1: bytes[place] = dice.byte()
        case 2: bytes.insert(contentsOf: word(&dice), at: place)
        case 3:
            let word = word(&dice)
            bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + dice.below(64)))
        case 5:
            let end = min(bytes.count, place + 1 + dice.below(256))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: self.place(in: bytes, &dice))
        case 6 where dice.isOne(in: 3): bytes.removeSubrange(place...)
        case 7: bytes.insert(contentsOf: repeatElement(dice.byte(), count: 1 + dice.below(300)), at: place)
        default: digits(&bytes, near: place, &dice)
        }
    }

    private static func word(_ dice: inout Dice) -> [UInt8] {
        if dice.isOne(in: 2) { return dice.pick(words) ?? [] }
        return Array("/\(dice.pick(ObjectMutation.names) ?? "")".utf8)
    }

    /// Offsets and lengths break most, so numbers are changed most; half of them keep their width, and all offsets.
    private static func digits(_ bytes: inout [UInt8], near place: Int, _ dice: inout Dice) {
        func isDigit(_ index: Int) -> Bool { index < bytes.count && (48...57).contains(bytes[index]) }
        var index = place
        while index < place + 200, index < bytes.count, !isDigit(index) { index += 1 }
        guard isDigit(index) else { return }
        switch dice.below(6) {
        case 0: bytes[index] = UInt8(48 + dice.below(10))
        case 1: bytes.insert(UInt8(48 + dice.below(10)), at: index)
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(UInt8(ascii: "-"), at: index)
        case 4: while isDigit(index) { (bytes[index], index) = (UInt8(ascii: "9"), index + 1) }
        default: while isDigit(index) { (bytes[index], index) = (UInt8(48 + dice.below(10)), index + 1) }
        }
    }

    /// Half of the places lie near the ends, where the structure is.
    private static func place(in bytes: [UInt8], _ dice: inout Dice) -> Int {
        switch dice.below(4) {
        case 0: max(0, bytes.count - 1 - dice.below(min(bytes.count, 2_000)))
        case 1: dice.below(min(bytes.count, 2_000))
        default: dice.below(bytes.count)
        }
    }
}
