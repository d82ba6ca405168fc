// SPDX-License-Identifier: Apache-2.0
package import Tracing

/// One decision with all it says: its audit events and the messages that follow from it.
///
/// Audit rows are written first. Messages carry `audit-after` of the act's last audit row, or the cause's where the
/// act has none; audit rows carry the cause's.
package struct Act: Sendable {
    package var audit: [OutgoingMessage]
    package var messages: [OutgoingMessage]
    /// The message that was handled; nil at the edge.
    package var cause: InboundMessage?
    /// Taken from the cause, then from the current trace, when nil.
    package var correlationID: CorrelationID?
    /// Where it comes from when another task writes it; the writing task's own trace when nil.
    package var trace: TraceScope?

    /// Gathers what one decision writes.
    package init(
        audit: [OutgoingMessage] = [], messages: [OutgoingMessage] = [], cause: InboundMessage? = nil,
        correlationID: CorrelationID? = nil
    ) {
        self.audit = audit
        self.messages = messages
        self.cause = cause
        self.correlationID = correlationID
    }
}
