// SPDX-License-Identifier: Apache-2.0
import SystemDriver

/// The choices that make an input; the same ones for the same seed and number.
struct Dice {
    private var noise: Noise

    init(seed: UInt64, number: Int) {
        noise = Noise(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number))
    }

    /// From 0 up to one less than the bound; 0 for bounds below 2.
    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(noise.next() % UInt64(bound)) }

    mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: noise.next()) }

    /// Nil for an empty array.
    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}
