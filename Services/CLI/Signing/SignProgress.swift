// SPDX-License-Identifier: Apache-2.0

/// A line on a terminal that says how far a run is; drawn at most ten times a second.
struct SignProgress {
    private static let width = 30
    private static let pause = Duration.milliseconds(100)

    private let total: Int
    private let started = ContinuousClock.now
    private var drawn: ContinuousClock.Instant?

    init(total: Int) { self.total = total }

    mutating func update(finished: Int) {
        let now = ContinuousClock.now
        if let drawn, now - drawn < Self.pause { return }
        drawn = now
        Terminal.note("\r" + Self.line(finished: finished, of: total, after: now - started) + "\u{1B}[K")
    }

    /// Takes the line away, so that another can be written; the next update draws it again.
    mutating func clear() {
        guard drawn != nil else { return }
        drawn = nil
        Terminal.note("\r\u{1B}[K")
    }

    static func line(finished: Int, of total: Int, after time: Duration) -> String {
        let filled = total == 0 ? width : width * finished / total
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        let seconds = time / .seconds(1)
        guard finished > 0, seconds > 0 else { return "[\(bar)] \(finished)/\(total)" }
        let rate = Double(finished) / seconds
        let left = Int((Double(total - finished) / rate).rounded(.up))
        let clock = left < 60 ? "\(left) s" : "\(left / 60) min \(left % 60) s"
        return
            "[\(bar)] \(finished)/\(total)  \(rate < 10 ? Terminal.decimal(rate).filter { $0 != " " } : "\(Int(rate))")/s  \(clock) left"
    }
}
