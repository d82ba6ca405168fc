// SPDX-License-Identifier: Apache-2.0

/// One record as it goes to, or came from, a partition.
package struct KafkaRecord: Sendable, Hashable {
    package var topic: String
    package var partition: Int
    /// Given by the broker; the producer ignores it.
    package var offset: Int64
    package var key: [UInt8]
    /// In the order written; names may repeat.
    package var headers: [KafkaHeader]
    package var value: [UInt8]

    /// The partition is always explicit: Paraph computes it, so that both message drivers agree on lanes.
    package init(
        topic: String, partition: Int, offset: Int64 = 0, key: [UInt8], headers: [KafkaHeader] = [], value: [UInt8]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.headers = headers
        self.value = value
    }

    /// The partition this record belongs to, as consumers name it.
    package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}

/// One record header; a null value on the wire reads as empty.
package struct KafkaHeader: Sendable, Hashable {
    package let name: String
    package let value: [UInt8]

    /// Takes the bytes as they are; names are UTF-8 without NUL.
    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// One partition of one topic.
package struct TopicPartition: Sendable, Hashable {
    package let topic: String
    package let partition: Int

    /// Names a partition without asking whether it exists.
    package init(topic: String, partition: Int) {
        self.topic = topic
        self.partition = partition
    }
}

/// A place in a partition: the offset of the record to be read next, hence one past the last that was handled.
package struct TopicPartitionOffset: Sendable, Hashable {
    package let topicPartition: TopicPartition
    package let offset: Int64

    /// Takes the next offset to read, not the last one read.
    package init(_ topicPartition: TopicPartition, next offset: Int64) {
        self.topicPartition = topicPartition
        self.offset = offset
    }
}
