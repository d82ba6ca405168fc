// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import FoundationEssentials
import Kafka
import Tracing

/// Messages as Kafka records: CloudEvents 1.0, Kafka binding, binary mode.
enum KafkaMessageCoding {
    /// Why a record is no message of ours; names the header and never a value.
    struct Malformed: Error, Equatable {
        let detail: String
    }

    /// The partition is the message's lane.
    static func record(_ message: InboundMessage) -> KafkaRecord {
        let id = message.id
        var headers = [
            header("ce_specversion", "1.0"), header("ce_id", id), header("ce_type", message.type),
            header("ce_source", "urn:paraph:\(message.producer)"),
            header("ce_time", message.time.rfc3339(fractionDigits: 6)), header("ce_subject", message.key.text),
            header("content-type", "application/json"), header("idempotency-key", id),
            header("tenant-id", message.tenantID.text),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { headers.append(header(name, value)) }
        }
        add("correlation-id", message.correlationID?.text)
        add("causation-id", message.causationID?.text)
        add("traceparent", message.traceparent)
        add("audit-after", message.auditAfter)
        return KafkaRecord(
            topic: message.topic.name, partition: message.lane, key: Array(message.key.text.utf8), headers: headers,
            value: message.payload)
    }

    /// Adds the reason and the origin to the record of a message that was given up.
    static func record(_ letter: DeadLetter) -> KafkaRecord {
        var record = record(letter.message)
        record.topic = deadLetterTopic(of: letter.message.topic, consumer: letter.consumer)
        record.partition = 0
        record.headers += [
            header("dead-letter-reason", letter.reasonCode), header("dead-letter-detail", letter.reasonDetail),
            header("dead-letter-attempts", String(letter.attempts)), header("dead-letter-origin", letter.origin),
            header("dead-letter-time", letter.diedAt.rfc3339(fractionDigits: 6)),
        ]
        return record
    }

    static func deadLetterTopic(of topic: Topic, consumer: String) -> String { "\(topic.name).\(consumer).dlt" }

    /// Reads a record of `topic`; a trace context that cannot be read is left out, as W3C has it.
    static func message(_ record: KafkaRecord, topic: Topic) throws(Malformed) -> InboundMessage {
        let headers = Headers(record)
        guard try headers.required("ce_specversion") == "1.0" else { throw Malformed(detail: "ce_specversion") }
        let (stream, seq) = try identity(headers.required("ce_id"))
        guard stream.topic == topic else { throw Malformed(detail: "ce_id of another topic") }
        guard LaneHash.lane(of: stream.key, lanes: topic.lanes) == record.partition else {
            throw Malformed(detail: "ce_id in another partition than its key's")
        }
        guard let tenantID = UUID(text: try headers.required("tenant-id")) else { throw Malformed(detail: "tenant-id") }
        guard let time = Instant(rfc3339: try headers.required("ce_time")) else { throw Malformed(detail: "ce_time") }
        return InboundMessage(
            stream: stream, seq: seq, type: try headers.required("ce_type"), tenantID: tenantID,
            correlationID: try headers.optional("correlation-id") { CorrelationID($0) },
            causationID: try headers.optional("causation-id") { CausationID($0) },
            traceparent: headers["traceparent"].flatMap { TraceContext(traceparent: $0) == nil ? nil : $0 },
            auditAfter: headers["audit-after"], time: time, payload: record.value)
    }

    private static func identity(_ text: String) throws(Malformed) -> (MessageStream, Int64) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, !parts[0].isEmpty, let topic = Topic(named: String(parts[1])),
            let key = UUID(text: parts[2]), let seq = Int64(parts[3]), seq > 0
        else { throw Malformed(detail: "ce_id") }
        return (MessageStream(producer: String(parts[0]), topic: topic, key: key), seq)
    }

    private static func header(_ name: String, _ value: String) -> KafkaHeader { KafkaHeader(name, Array(value.utf8)) }
}

/// A record's headers by name; of a repeated one the first counts.
private struct Headers {
    private let values: [String: [UInt8]]

    init(_ record: KafkaRecord) {
        values = Dictionary(record.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> String? { values[name].flatMap { String(validating: $0, as: UTF8.self) } }

    func required(_ name: String) throws(KafkaMessageCoding.Malformed) -> String {
        guard let value = self[name], !value.isEmpty else { throw .init(detail: name) }
        return value
    }

    func optional<T>(_ name: String, _ parse: (String) -> T?) throws(KafkaMessageCoding.Malformed) -> T? {
        guard values[name] != nil else { return nil }
        guard let value = self[name].flatMap(parse) else { throw .init(detail: name) }
        return value
    }
}
