// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Something happened to an envelope; the snapshot is the whole public state after it, without personal data.
package struct EnvelopeEventV1: VersionedMessage {
    package static let messageType = "EnvelopeEventV1"
    package static let topic = Topic.envelopeEvents

    package let event: EnvelopeEventKind
    package let occurredAt: Instant
    /// Counts the events of one envelope from 1; a reader keeps the snapshot with the highest.
    package let sequence: Int64
    package let requestID: RequestID?
    /// A code for a failure; never what a person wrote.
    package let reason: String?
    package let snapshot: EnvelopeSnapshot

    package init(
        event: EnvelopeEventKind, occurredAt: Instant, sequence: Int64, requestID: RequestID? = nil,
        reason: String? = nil, snapshot: EnvelopeSnapshot
    ) {
        self.event = event
        self.occurredAt = occurredAt
        self.sequence = sequence
        self.requestID = requestID
        self.reason = reason
        self.snapshot = snapshot
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case occurredAt = "occurred_at"
        case sequence
        case requestID = "request_id"
        case reason, snapshot
    }
}
