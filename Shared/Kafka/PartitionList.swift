// SPDX-License-Identifier: Apache-2.0
import CKafka

/// Owns one of librdkafka's lists of partitions for the length of a call.
struct PartitionList: ~Copyable {
    let native: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Nil only when memory is out.
    init?(capacity: Int) {
        guard let native = rd_kafka_topic_partition_list_new(Int32(clamping: capacity)) else { return nil }
        self.native = native
    }

    init?(_ partitions: some Collection<TopicPartition>) {
        self.init(capacity: partitions.count)
        for one in partitions { rd_kafka_topic_partition_list_add(native, one.topic, Int32(clamping: one.partition)) }
    }

    init?(_ positions: some Collection<TopicPartitionOffset>) {
        self.init(capacity: positions.count)
        for one in positions {
            let added = rd_kafka_topic_partition_list_add(
                native, one.topicPartition.topic, Int32(clamping: one.topicPartition.partition))
            added?.pointee.offset = one.offset
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(native) }

    /// The first error that a call wrote into an element.
    var firstError: rd_kafka_resp_err_t {
        for index in 0..<Int(native.pointee.cnt) where native.pointee.elems[index].err != RD_KAFKA_RESP_ERR_NO_ERROR {
            return native.pointee.elems[index].err
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// Copies the names out of a list that somebody else owns.
    static func topicPartitions(
        _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) -> [TopicPartition] {
        guard let list else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            return TopicPartition(topic: String(cString: element.topic), partition: Int(element.partition))
        }
    }

    /// Copies the positions out of a list that somebody else owns: all of them, or those with an error.
    static func refused(
        _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, all: Bool
    ) -> [TopicPartitionOffset] {
        guard let list else { return [] }
        let elements = UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
        return elements.filter { all || $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }.map { element in
            let partition = TopicPartition(topic: String(cString: element.topic), partition: Int(element.partition))
            return TopicPartitionOffset(partition, next: element.offset)
        }
    }
}
