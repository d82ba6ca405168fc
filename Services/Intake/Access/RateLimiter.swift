// SPDX-License-Identifier: Apache-2.0
import Envelopes
import ServiceAPI
import Synchronization

/// A token bucket for each account of this process: ten seconds' worth may come at once.
final class RateLimiter: Sendable {
    private static let burstSeconds = 10.0
    private static let capacity = 100_000

    private struct Bucket {
        var level: Double
        var filledAt: ContinuousClock.Instant
    }

    private let perSecond: Double
    private let buckets = Mutex<[ServiceAccountID: Bucket]>([:])

    init(perSecond: Int) { self.perSecond = Double(perSecond) }

    /// Takes one request from the account's bucket.
    /// - Throws: `ProblemDetails` 429 with the time to wait.
    func take(_ account: ServiceAccountID, at now: ContinuousClock.Instant = .now) throws(ProblemDetails) {
        let full = perSecond * Self.burstSeconds
        let isAllowed = buckets.withLock { buckets in
            if buckets.count >= Self.capacity { buckets.removeAll() }
            var bucket = buckets[account] ?? Bucket(level: full, filledAt: now)
            bucket.level = min(full, bucket.level + (now - bucket.filledAt) / .seconds(1) * perSecond)
            bucket.filledAt = now
            let isAllowed = bucket.level >= 1
            if isAllowed { bucket.level -= 1 }
            buckets[account] = bucket
            return isAllowed
        }
        guard !isAllowed else { return }
        throw ProblemDetails(
            .rateLimited, "Wait as long as Retry-After says.", retryAfterSeconds: 1,
            headers: [
                ("RateLimit-Limit", String(Int(full))), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1"),
            ])
    }
}
