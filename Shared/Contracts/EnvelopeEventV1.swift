// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// What one act did to an envelope; the snapshot is the whole public state after it, without personal data.
package struct EnvelopeEventV1: VersionedMessage {
    package static let messageType = "EnvelopeEventV1"
    package static let topic = Topic.envelopeEvents

    /// What happened, in order; at least one.
    package let changes: [EnvelopeChange]
    package let occurredAt: Instant
    /// Counts the changes of one envelope from 1 up to the last one here; a reader keeps the snapshot with the highest.
    package let sequence: Int64
    package let snapshot: EnvelopeSnapshot

    package init(changes: [EnvelopeChange], occurredAt: Instant, sequence: Int64, snapshot: EnvelopeSnapshot) {
        self.changes = changes
        self.occurredAt = occurredAt
        self.sequence = sequence
        self.snapshot = snapshot
    }

    private enum CodingKeys: String, CodingKey {
        case changes
        case occurredAt = "occurred_at"
        case sequence, snapshot
    }
}

/// One thing that happened to an envelope, by its word in the event catalogue.
package struct EnvelopeChange: Sendable, Hashable, Codable {
    package let event: EnvelopeEventKind
    package let requestID: RequestID?
    /// A code for a failure; never what a person wrote.
    package let reason: String?

    package init(event: EnvelopeEventKind, requestID: RequestID? = nil, reason: String? = nil) {
        self.event = event
        self.requestID = requestID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case requestID = "request_id"
        case reason
    }
}
