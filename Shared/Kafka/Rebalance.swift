// SPDX-License-Identifier: Apache-2.0
import CKafka
import Logging
import Synchronization

/// A change of what a group member reads, already carried out.
package enum Rebalance: Sendable, Equatable {
    /// Reading goes on from the committed offset of each, or from the beginning.
    case assigned([TopicPartition])
    /// No longer read; `lost` when another member may already have them, so that commits would be refused.
    case revoked([TopicPartition], lost: Bool)
}

/// Called on the thread that polls or closes the consumer; `partitions` stays librdkafka's.
func takeRebalance(
    _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t,
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let context = ClientContext.of(opaque) else { return }
    let named = PartitionList.topicPartitions(partitions)
    let answer: rd_kafka_resp_err_t
    let change: Rebalance
    if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
        answer = rd_kafka_assign(client, partitions)
        change = .assigned(named)
    } else {
        let lost = code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(client) != 0
        // A null list ends the whole assignment: rebalances of this group are eager.
        answer = rd_kafka_assign(client, nil)
        change = .revoked(named, lost: lost)
    }
    if answer != RD_KAFKA_RESP_ERR_NO_ERROR {
        context.logger.warning("Kafka refused an assignment", [.kafkaCode: .string(KafkaErrorCode(answer).name)])
    }
    context.rebalances.withLock { $0.append(change) }
}

/// Called on the thread that polls; `offsets` stays librdkafka's.
func takeCommit(
    _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t,
    _ offsets: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let context = ClientContext.of(opaque), KafkaErrorCode(code) != .noOffset else { return }
    let refused = PartitionList.refused(offsets, all: code != RD_KAFKA_RESP_ERR_NO_ERROR)
    guard !refused.isEmpty else { return }
    context.logger.info("Kafka refused offsets", [.kafkaCode: .string(KafkaErrorCode(code).name)])
    context.uncommitted.withLock { $0 += refused }
}
