// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import Kafka
import Testing
import Tracing

@testable import Messaging

struct KafkaMessageCodingTests {
    private static let key = UUID(uuid: (1, 152, 0, 0, 0, 0, 112, 0, 128, 0, 0, 0, 0, 0, 0, 32))
    private static let message = InboundMessage(
        stream: MessageStream(producer: "intake", topic: .envelopeCommands, key: key), seq: 7, type: "SendEnvelopeV1",
        tenantID: key, correlationID: CorrelationID("corr-1"), causationID: CausationID("intake/x/1"),
        traceparent: TraceContext.root().traceparent, auditAfter: "intake/audit.events.v1/\(key)/3",
        time: Instant(microseconds: 1_795_000_000_123_456), payload: Array("{}".utf8))

    @Test func `a message survives the way through a record`() throws {
        let record = KafkaMessageCoding.record(Self.message)
        #expect(record.partition == Self.message.lane)
        #expect(try KafkaMessageCoding.message(record, topic: .envelopeCommands) == Self.message)
    }

    @Test func `headers have the names of the CloudEvents binding and the platform's own`() {
        let names = KafkaMessageCoding.record(Self.message).headers.map(\.name)
        #expect(
            names == [
                "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject", "content-type",
                "idempotency-key", "tenant-id", "correlation-id", "causation-id", "traceparent", "audit-after",
            ])
    }

    @Test(arguments: ["ce_specversion", "ce_id", "ce_type", "ce_time", "tenant-id"])
    func `a record without a header that is needed is malformed and named`(name: String) {
        var record = KafkaMessageCoding.record(Self.message)
        record.headers.removeAll { $0.name == name }
        #expect(throws: KafkaMessageCoding.Malformed(detail: name)) {
            try KafkaMessageCoding.message(record, topic: .envelopeCommands)
        }
    }

    @Test(arguments: [
        "", "x", "intake/envelope.commands.v1", "intake/envelope.commands.v1/nonsense/1",
        "intake/envelope.commands.v1/01980000-0000-7000-8000-000000000020/0",
        "intake/envelope.commands.v1/01980000-0000-7000-8000-000000000020/-1",
        "intake/unknown.v1/01980000-0000-7000-8000-000000000020/1",
        "intake/envelope.events.v1/01980000-0000-7000-8000-000000000020/1",
        "/envelope.commands.v1/01980000-0000-7000-8000-000000000020/1",
        "intake/envelope.commands.v1/01980000-0000-7000-8000-000000000020/1/2",
        "intake/envelope.commands.v1/01980000-0000-7000-8000-000000000020/99999999999999999999",
    ])
    func `an id that is no id of this topic is malformed`(id: String) {
        #expect(throws: KafkaMessageCoding.Malformed.self) {
            try KafkaMessageCoding.message(changed("ce_id", Array(id.utf8)), topic: .envelopeCommands)
        }
    }

    @Test(arguments: [
        ("ce_specversion", "2.0"), ("ce_time", "yesterday"), ("tenant-id", "acme"), ("correlation-id", "a b"),
        ("causation-id", ""),
    ])
    func `a header that cannot be read is malformed and named`(name: String, value: String) {
        #expect(throws: KafkaMessageCoding.Malformed(detail: name)) {
            try KafkaMessageCoding.message(changed(name, Array(value.utf8)), topic: .envelopeCommands)
        }
    }

    @Test func `bytes that are no UTF-8 and partitions that are not the key's are malformed`() {
        #expect(throws: KafkaMessageCoding.Malformed.self) {
            try KafkaMessageCoding.message(changed("ce_type", [0xFF, 0xFE]), topic: .envelopeCommands)
        }
        var moved = KafkaMessageCoding.record(Self.message)
        moved.partition = (moved.partition + 1) % 12
        #expect(throws: KafkaMessageCoding.Malformed.self) {
            try KafkaMessageCoding.message(moved, topic: .envelopeCommands)
        }
    }

    @Test func `a trace that cannot be read is left out`() throws {
        let record = changed("traceparent", Array("00-zz".utf8))
        #expect(try KafkaMessageCoding.message(record, topic: .envelopeCommands).traceparent == nil)
    }

    private func changed(_ name: String, _ value: [UInt8]) -> KafkaRecord {
        var record = KafkaMessageCoding.record(Self.message)
        record.headers = record.headers.map { $0.name == name ? KafkaHeader(name, value) : $0 }
        return record
    }
}
