// SPDX-License-Identifier: Apache-2.0
import Clocks

/// Decides when an authority that fails is asked again; one request at a time finds out whether it is back.
struct CircuitBreaker: Sendable {
    private static let longestRest = 300.0
    private static let longestRequestedRest = 3_600.0

    let failuresBeforeRest: Int
    let restSeconds: Double
    private var failures = 0
    private var restsUntil: Instant?
    private var isProbing = false

    init(failuresBeforeRest: Int, restSeconds: Double) {
        self.failuresBeforeRest = failuresBeforeRest
        self.restSeconds = restSeconds
    }

    /// Whether to ask now; every true is followed by `succeeded`, `failed` or `gaveUp`.
    mutating func admit(at now: Instant) -> Bool {
        guard let restsUntil else { return true }
        guard now >= restsUntil, !isProbing else { return false }
        isProbing = true
        return true
    }

    mutating func succeeded() {
        failures = 0
        restsUntil = nil
        isProbing = false
    }

    /// - Parameter retryAfter: How long the authority asked to be left alone, which one failure is enough for.
    mutating func failed(at now: Instant, retryAfter: Double?) {
        isProbing = false
        failures += 1
        var rest = 0.0
        if failures >= failuresBeforeRest {
            let doublings = min(failures - failuresBeforeRest, 10)
            rest = min(restSeconds * Double(1 << doublings), Self.longestRest)
        }
        if let retryAfter { rest = max(rest, min(retryAfter, Self.longestRequestedRest)) }
        if rest > 0 { restsUntil = now.advanced(bySeconds: rest) }
    }

    /// The question was withdrawn: nothing was learnt.
    mutating func gaveUp() { isProbing = false }
}
