// SPDX-License-Identifier: Apache-2.0

/// How a consumer batches, retries and holds; the defaults are those of the architecture.
package struct ConsumerSettings: Sendable {
    /// The most messages of one transaction.
    package var batchSize = 100
    /// Batches in hand at once, for different streams.
    package var concurrency = 1
    /// Handling of one message is tried this often, over about 25 s, before it becomes a dead letter.
    package var maximumAttempts = 9
    package var retryInitialSeconds = 0.1
    package var retryMaximumSeconds = 60.0
    /// A message that the handler held back is looked at again after this time.
    package var unreadySeconds = 0.02
    /// Reading a lane pauses when so many of its messages lie behind an unsettled one.
    package var windowPerLane = 50_000
    /// Reading pauses when so many messages wait in memory, for instance for something outside that is away.
    package var maximumPending = 10_000

    /// Overrides the two that services choose.
    package init(batchSize: Int = 100, concurrency: Int = 1) {
        self.batchSize = batchSize
        self.concurrency = concurrency
    }

    /// The pause after the attempt of that number, from 1: doubling, with a fifth of jitter.
    func retrySeconds(afterAttempt attempt: Int) -> Double {
        var seconds = retryInitialSeconds
        for _ in 1..<max(2, min(attempt, 30)) where attempt > 1 { seconds *= 2 }
        return min(retryMaximumSeconds, seconds) * Double.random(in: 0.8...1.2)
    }
}
