// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// A message that could not be handled, with the reason and where it came from.
package struct DeadLetter: Sendable {
    /// The row's number, which `redrive` takes; nil until it is stored.
    package let id: Int64?
    package let consumer: String
    package let message: InboundMessage
    /// The failure's code, for example `undecodable` or `retries_exhausted`.
    package let reasonCode: String
    /// Ids, field names and error codes only.
    package let reasonDetail: String
    package let attempts: Int
    /// Log, topic, lane and position.
    package let origin: String
    package let diedAt: Clocks.Instant
    /// Set while it waits to be handled again.
    package let redrivenAt: Clocks.Instant?

    /// Joins what is known of a dead letter.
    package init(
        id: Int64? = nil, consumer: String, message: InboundMessage, reasonCode: String, reasonDetail: String,
        attempts: Int, origin: String, diedAt: Clocks.Instant, redrivenAt: Clocks.Instant? = nil
    ) {
        self.id = id
        self.consumer = consumer
        self.message = message
        self.reasonCode = reasonCode
        self.reasonDetail = reasonDetail
        self.attempts = attempts
        self.origin = origin
        self.diedAt = diedAt
        self.redrivenAt = redrivenAt
    }
}
