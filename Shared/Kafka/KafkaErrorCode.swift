// SPDX-License-Identifier: Apache-2.0
import CKafka

/// A librdkafka or broker error number; negative ones arose in the client library.
package struct KafkaErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: Int32

    /// Accepts any number, also one a newer broker has introduced.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ code: rd_kafka_resp_err_t) { self.init(rawValue: code.rawValue) }

    /// The protocol's own constant, such as `UNKNOWN_TOPIC_OR_PART`, safe to log and to use as a metric label.
    package var name: String { rd_kafka_err2name(rd_kafka_resp_err_t(rawValue)).map { String(cString: $0) } ?? "?" }

    package var description: String { name }

    /// The same call may succeed later without anybody changing anything.
    package var isRetriable: Bool { Self.retriable.contains(self) }

    /// The client that met it is of no more use and has to be replaced.
    package var isFatal: Bool { Self.fatal.contains(self) }

    /// The named topic or partition does not exist, or not yet, on the broker that was asked.
    package var isUnknownTopic: Bool { Self.unknownTopic.contains(self) }

    /// The caller is no longer the group member it was; another one reads the partition from the last commit on.
    package var isLostMembership: Bool { Self.lostMembership.contains(self) }
}

extension KafkaErrorCode {
    static let topicAlreadyExists = KafkaErrorCode(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    static let queueFull = KafkaErrorCode(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    static let timedOut = KafkaErrorCode(RD_KAFKA_RESP_ERR__TIMED_OUT)
    static let noOffset = KafkaErrorCode(RD_KAFKA_RESP_ERR__NO_OFFSET)

    private static let unknownTopic: Set<KafkaErrorCode> = [
        .init(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), .init(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC),
        .init(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION),
    ]

    private static let lostMembership: Set<KafkaErrorCode> = [
        .init(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), .init(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID),
        .init(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS), .init(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID),
        .init(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST), .init(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED),
    ]

    private static let fatal: Set<KafkaErrorCode> = [
        .init(RD_KAFKA_RESP_ERR__FATAL), .init(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID),
        .init(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH), .init(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER),
        .init(RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID),
    ]

    private static let retriable: Set<KafkaErrorCode> = unknownTopic.union(lostMembership).union([
        .queueFull, .timedOut, .init(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), .init(RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE),
        .init(RD_KAFKA_RESP_ERR__TRANSPORT), .init(RD_KAFKA_RESP_ERR__RESOLVE),
        .init(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN), .init(RD_KAFKA_RESP_ERR__WAIT_COORD),
        .init(RD_KAFKA_RESP_ERR__IN_PROGRESS), .init(RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS),
        .init(RD_KAFKA_RESP_ERR__WAIT_CACHE), .init(RD_KAFKA_RESP_ERR__RETRY),
        .init(RD_KAFKA_RESP_ERR__PURGE_QUEUE), .init(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT),
        .init(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE), .init(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION),
        .init(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT), .init(RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE),
        .init(RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE), .init(RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION),
        .init(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS), .init(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE),
        .init(RD_KAFKA_RESP_ERR_NOT_COORDINATOR), .init(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS),
        .init(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND), .init(RD_KAFKA_RESP_ERR_NOT_CONTROLLER),
        .init(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR), .init(RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED),
    ])
}
