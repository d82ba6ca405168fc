// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
package import Contracts
package import FoundationEssentials
package import Tracing

/// One message as a handler sees it, the same from every driver.
package struct InboundMessage: Sendable, Hashable {
    /// The producer's schema.
    package let producer: String
    package let topic: Topic
    /// The envelope's id on every topic but the system's own.
    package let key: UUID
    /// Gapless in the stream of producer, topic and key, from 1.
    package let seq: Int64
    /// The `ce_type`; an unknown one belongs into the dead letters.
    package let type: String
    package let tenantID: UUID
    package let correlationID: CorrelationID?
    package let causationID: CausationID?
    package let traceparent: String?
    /// The `ce_id` of the audit event that was written with this message's cause.
    package let auditAfter: String?
    /// Business time at which the producer wrote it.
    package let time: Instant
    package let payload: [UInt8]

    /// Joins what the driver read; nothing is checked here.
    package init(
        stream: MessageStream, seq: Int64, type: String, tenantID: UUID, correlationID: CorrelationID? = nil,
        causationID: CausationID? = nil, traceparent: String? = nil, auditAfter: String? = nil, time: Instant,
        payload: [UInt8]
    ) {
        producer = stream.producer
        topic = stream.topic
        key = stream.key
        self.seq = seq
        self.type = type
        self.tenantID = tenantID
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
        self.auditAfter = auditAfter
        self.time = time
        self.payload = payload
    }

    /// The `ce_id`, which is also the idempotency key.
    package var id: String { stream.messageID(seq) }

    /// What orders this message among its neighbours.
    package var stream: MessageStream { MessageStream(producer: producer, topic: topic, key: key) }

    /// The lane it travels in, the same on both drivers.
    package var lane: Int { LaneHash.lane(of: key, lanes: topic.lanes) }

    /// Decodes the payload; fields that the type does not know are ignored.
    ///
    /// - Throws: `PermanentFailure` with code `undecodable`, which names the coding path and never a value.
    package func decode<T: Decodable>(_ type: T.Type) throws(PermanentFailure) -> T {
        do {
            return try MessageCoding.decode(type, from: payload)
        } catch {
            throw PermanentFailure(code: "undecodable", detail: MessageCoding.path(of: error))
        }
    }

    /// The scope under which its handling is logged and traced: the producer's trace, or a new one.
    package var traceScope: TraceScope {
        let parent = traceparent.flatMap { TraceContext(traceparent: $0) }
        return TraceScope(
            correlationID: correlationID ?? CorrelationID(key), traceContext: parent?.child() ?? .root())
    }
}
