// SPDX-License-Identifier: Apache-2.0

/// The growing pauses between attempts.
package struct Backoff: Sendable {
    private let initialSeconds: Double
    private let maximumSeconds: Double
    private let multiplier: Double
    private let jitter: Double
    private var current: Double

    /// Jitter is the fraction by which a pause may be shorter or longer, so that many clients spread out.
    package init(
        initialSeconds: Double = 0.1, maximumSeconds: Double = 60, multiplier: Double = 2, jitter: Double = 0.2
    ) {
        precondition(initialSeconds > 0 && multiplier >= 1 && (0..<1).contains(jitter), "a pause grows from above zero")
        self.initialSeconds = initialSeconds
        self.maximumSeconds = maximumSeconds
        self.multiplier = multiplier
        self.jitter = jitter
        current = initialSeconds
    }

    /// The seconds to wait now; the next call gives more, up to the maximum.
    package mutating func next() -> Double {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// As `next()`, with the random numbers given.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
        let base = min(current, maximumSeconds)
        current = min(current * multiplier, maximumSeconds)
        return min(base * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator), maximumSeconds)
    }

    /// Starts over after a success.
    package mutating func reset() { current = initialSeconds }
}
