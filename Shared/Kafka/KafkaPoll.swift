// SPDX-License-Identifier: Apache-2.0
import CKafka

/// What one poll of a group member brought.
package struct KafkaPoll: Sendable, Equatable {
    /// In offset order within each partition.
    package var records: [KafkaRecord] = []
    /// In the order in which they happened; `records` holds nothing from before a revocation.
    package var rebalances: [Rebalance] = []
    /// What the library goes on from by itself, such as a topic that does not exist yet.
    package var problems: [KafkaErrorCode] = []

    /// Offsets of `commitLater` that the coordinator did not take.
    package var uncommitted: [TopicPartitionOffset] = []

    init() {}
}

extension KafkaRecord {
    /// Copies everything out of a message that the caller destroys afterwards.
    init(copying message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String) {
        let raw = message.pointee
        self.init(
            topic: topic, partition: Int(raw.partition), offset: raw.offset,
            key: KafkaRecord.bytes(raw.key, raw.key_len), headers: KafkaRecord.headers(of: message),
            value: KafkaRecord.bytes(raw.payload, raw.len))
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// The native headers stay the message's.
    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var native: OpaquePointer?
        guard rd_kafka_message_headers(message, &native) == RD_KAFKA_RESP_ERR_NO_ERROR, let native else { return [] }
        let count = rd_kafka_header_cnt(native)
        var headers: [KafkaHeader] = []
        headers.reserveCapacity(count)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        for index in 0..<count
        where rd_kafka_header_get_all(native, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers.append(KafkaHeader(name.map { String(cString: $0) } ?? "", bytes(value, size)))
        }
        return headers
    }
}
