// SPDX-License-Identifier: Apache-2.0
import CFriBidi

/// Which parts of a paragraph read from right to left (UAX #9).
struct BidiLevels {
    /// Odd where text reads from right to left.
    let levels: [Int8]
    let isRightToLeft: Bool

    /// - Parameter base: Nil takes the direction of the first strong character.
    init(_ scalars: [UInt32], base: Bool?) {
        // Below Hebrew there is nothing that reads from right to left.
        guard base == true || scalars.contains(where: { $0 >= 0x590 }) else {
            levels = [Int8](repeating: 0, count: scalars.count)
            isRightToLeft = false
            return
        }
        var types = [UInt32](repeating: 0, count: scalars.count)
        var brackets = types
        var levels = [Int8](repeating: 0, count: scalars.count)
        let direction: Int32 = base.map { $0 ? 1 : 0 } ?? -1
        let result = paraph_bidi_levels(scalars, Int32(scalars.count), direction, &types, &brackets, &levels)
        self.levels = levels
        isRightToLeft = result == 1
    }

    /// Puts stretches of logical order into the order from left to right (UAX #9, L2).
    static func visualOrder<Stretch>(_ stretches: [Stretch], level: (Stretch) -> Int8) -> [Stretch] {
        var result = stretches
        guard let highest = stretches.map(level).max(), highest > 0 else { return result }
        for threshold in stride(from: highest, through: 1, by: -1) {
            var start = 0
            while start < result.count {
                guard level(result[start]) >= threshold else {
                    start += 1
                    continue
                }
                var end = start
                while end < result.count, level(result[end]) >= threshold { end += 1 }
                result[start..<end].reverse()
                start = end
            }
        }
        return result
    }
}
