// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// A length of keeping in calendar units, as laws state it.
package enum RetentionPeriod: Sendable, Hashable {
    case days(Int)
    case years(Int)

    /// The same time of day after the period in UTC; 29 February ends on 1 March where the year has none.
    package func end(from start: Instant) -> Instant {
        switch self {
        case .days(let days):
            return start.advanced(bySeconds: Double(days) * 86_400)
        case .years(let years):
            let text = start.rfc3339(fractionDigits: 6)
            guard let dash = text.firstIndex(of: "-"), let year = Int(text[..<dash]) else { return start }
            let later = String(year + years)
            let padded = String(repeating: "0", count: max(0, 4 - later.count)) + later
            let rest = text[dash...]
            if let end = Instant(rfc3339: padded + rest) { return end }
            return Instant(rfc3339: padded + "-03-01" + rest.dropFirst(6)) ?? start
        }
    }
}
