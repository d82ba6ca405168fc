// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Contracts
package import FoundationEssentials

/// Everything one producer writes to one topic under one key, in the order of `seq`.
package struct MessageStream: Sendable, Hashable {
    package let producer: String
    package let topic: Topic
    package let key: UUID

    /// Names a stream; `producer` is the producer's schema.
    package init(producer: String, topic: Topic, key: UUID) {
        self.producer = producer
        self.topic = topic
        self.key = key
    }

    /// The `ce_id` of the message with that number.
    package func messageID(_ seq: Int64) -> String { messagePrefix + String(seq) }

    /// What the `ce_id`s of all its messages begin with.
    var messagePrefix: String { "\(producer)/\(topic.name)/\(key.text)/" }
}

extension MessageStream: Comparable {
    /// Orders by key first, so that rows locked in this order never deadlock.
    package static func < (left: MessageStream, right: MessageStream) -> Bool {
        if left.key != right.key { return left.key < right.key }
        if left.topic.name != right.topic.name { return left.topic.name < right.topic.name }
        return left.producer < right.producer
    }
}
