// SPDX-License-Identifier: Apache-2.0

/// A set of object numbers, one bit each up to the largest.
struct NumberSet {
    private var words: [UInt64] = []

    func contains(_ number: Int) -> Bool {
        number >= 0 && number >> 6 < words.count && words[number >> 6] & 1 << UInt64(number & 63) != 0
    }

    /// - Returns: Whether the number is new; one beyond `maximum` counts as there already.
    mutating func insert(_ number: Int, maximum: Int) -> Bool {
        guard (0...maximum).contains(number) else { return false }
        let word = number >> 6
        if word >= words.count { words += [UInt64](repeating: 0, count: max(64, word + 1 - words.count)) }
        let bit: UInt64 = 1 << UInt64(number & 63)
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }
}
