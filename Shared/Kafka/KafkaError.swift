// SPDX-License-Identifier: Apache-2.0

/// What can go wrong between Paraph and a Kafka cluster; carries no record contents.
package enum KafkaError: Error, Equatable {
    /// librdkafka refused a setting: correct the named property.
    case configuration(property: String, reason: String)
    /// The library or a broker answered `code` to `operation`.
    case failed(KafkaErrorCode, operation: String)
    /// A topic exists with another number of partitions than messages are spread over: create it anew under a new
    /// version, since changing the number would break the order of messages with one key.
    case partitionCountDiffers(topic: String, expected: Int, found: Int)
    /// The waiting task was cancelled; records that were handed over may still arrive.
    case cancelled
    /// The client has been closed: make another one.
    case closed

    /// The same call may succeed later without anybody changing anything.
    package var isRetriable: Bool {
        switch self {
        case .failed(let code, _): code.isRetriable
        case .configuration, .partitionCountDiffers, .cancelled, .closed: false
        }
    }

    /// The client that threw it is of no more use and has to be replaced.
    package var isFatal: Bool {
        switch self {
        case .failed(let code, _): code.isFatal
        case .closed: true
        case .configuration, .partitionCountDiffers, .cancelled: false
        }
    }

    /// A short constant for metrics and logs.
    package var label: String {
        switch self {
        case .configuration: "configuration"
        case .failed(let code, _): code.name
        case .partitionCountDiffers: "partition_count_differs"
        case .cancelled: "cancelled"
        case .closed: "closed"
        }
    }
}

extension KafkaError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let property, let reason): "Kafka setting \(property) was refused: \(reason)"
        case .failed(let code, let operation): "Kafka could not \(operation): \(code.name)"
        case .partitionCountDiffers(let topic, let expected, let found):
            "topic \(topic) has \(found) partitions where \(expected) are needed; recreate it"
        case .cancelled: "waiting for Kafka was cancelled"
        case .closed: "this Kafka client is closed"
        }
    }
}
