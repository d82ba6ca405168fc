// SPDX-License-Identifier: Apache-2.0
import CKafka
package import Logging
import ServiceKit

/// Creates topics; kept open only while a service starts or repairs its topics.
package actor KafkaAdmin {
    private let executor = BlockingExecutor(label: "kafka-admin")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let client: OpaquePointer
    private let context: ClientContext
    private let configuration: KafkaConfiguration

    /// Makes the client; connecting goes on in the background.
    ///
    /// - Throws: `KafkaError.configuration`.
    package init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaError) {
        let context = ClientContext(logger: logger)
        client = try context.makeClient(
            RD_KAFKA_PRODUCER, try configuration.makeNative(configuration.producerProperties))
        self.context = context
        self.configuration = configuration
    }

    isolated deinit { rd_kafka_destroy(client) }

    /// Creates the topics that are missing and waits until each has a leader for all partitions.
    ///
    /// - Throws: `KafkaError.partitionCountDiffers` for an existing topic with another number, before anything is
    ///   created; other `KafkaError`s when the cluster refuses or does not answer within the time.
    package func createTopics(
        _ topics: [(name: String, partitions: Int)], timeoutMilliseconds: Int = 15_000
    ) async throws(KafkaError) {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        let missing = try missing(of: topics, await partitionCounts(until: deadline))
        guard !missing.isEmpty else { return }
        try create(missing, timeoutMilliseconds: timeoutMilliseconds)
        // A new topic appears in the metadata a moment after the controller has accepted it.
        while try !self.missing(of: topics, await partitionCounts(until: deadline)).isEmpty {
            guard ContinuousClock.now < deadline else { throw .failed(.timedOut, operation: "see the new topics") }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { throw .cancelled }
        }
    }

    /// The number of partitions with a leader of every topic of the cluster.
    ///
    /// - Throws: `KafkaError` when no broker answers within the time.
    package func partitionCounts(_ timeoutMilliseconds: Int = 15_000) throws(KafkaError) -> [String: Int] {
        var native: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 1, nil, &native, Int32(clamping: timeoutMilliseconds))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let native else {
            throw .failed(KafkaErrorCode(code), operation: "read the cluster's metadata")
        }
        defer { rd_kafka_metadata_destroy(native) }
        var counts: [String: Int] = [:]
        for index in 0..<Int(native.pointee.topic_cnt) {
            let topic = native.pointee.topics[index]
            guard let name = topic.topic, topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let leaders = (0..<Int(topic.partition_cnt)).count { topic.partitions[$0].leader >= 0 }
            counts[String(cString: name)] = leaders == Int(topic.partition_cnt) ? leaders : 0
        }
        return counts
    }

    /// Asks in slices of a second, so that a cancelled task is not held up by a cluster that does not answer.
    private func partitionCounts(until deadline: ContinuousClock.Instant) async throws(KafkaError) -> [String: Int] {
        while true {
            do {
                return try partitionCounts(1_000)
            } catch  where error.isRetriable && ContinuousClock.now < deadline && !Task.isCancelled {
                await Task.yield()
            }
        }
    }

    /// A topic that is there but has no leader yet counts as missing.
    private func missing(
        of topics: [(name: String, partitions: Int)], _ counts: [String: Int]
    ) throws(KafkaError) -> [(name: String, partitions: Int)] {
        for topic in topics {
            guard let found = counts[topic.name], found != 0, found != topic.partitions else { continue }
            throw .partitionCountDiffers(topic: topic.name, expected: topic.partitions, found: found)
        }
        return topics.filter { (counts[$0.name] ?? 0) == 0 }
    }

    private func create(
        _ topics: [(name: String, partitions: Int)], timeoutMilliseconds: Int
    ) throws(KafkaError) {
        let replicas = Int32(clamping: configuration.replicationFactor ?? -1)
        var wanted = topics.map { topic in
            rd_kafka_NewTopic_new(topic.name, Int32(clamping: topic.partitions), replicas, nil, 0)
        }
        defer { for topic in wanted where topic != nil { rd_kafka_NewTopic_destroy(topic) } }
        for topic in wanted where topic != nil {
            // Batches have an overhead of their own beyond the records.
            let limit = String(KafkaConfiguration.maximumRecordBytes + 65_536)
            rd_kafka_NewTopic_set_config(topic, "max.message.bytes", limit)
            guard let minimum = configuration.minimumInSyncReplicas else { continue }
            rd_kafka_NewTopic_set_config(topic, "min.insync.replicas", String(minimum))
        }
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, Int32(clamping: timeoutMilliseconds), nil, 0)
        rd_kafka_AdminOptions_set_operation_timeout(options, Int32(clamping: timeoutMilliseconds), nil, 0)
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        rd_kafka_CreateTopics(client, &wanted, wanted.count, options, queue)
        var event: OpaquePointer?
        for _ in 0..<(timeoutMilliseconds / 500 + 2) where event == nil && !Task.isCancelled {
            event = rd_kafka_queue_poll(queue, 500)
        }
        guard let event else {
            throw Task.isCancelled ? .cancelled : .failed(.timedOut, operation: "create topics")
        }
        defer { rd_kafka_event_destroy(event) }
        try check(event)
    }

    // The results stay the event's. Another service may have been quicker with the same topic.
    private func check(_ event: OpaquePointer) throws(KafkaError) {
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw .failed(KafkaErrorCode(code), operation: "create topics")
        }
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for index in 0..<count {
            let code = KafkaErrorCode(rd_kafka_topic_result_error(results?[index]))
            guard code.rawValue == 0 || code == .topicAlreadyExists else {
                throw .failed(code, operation: "create a topic")
            }
        }
    }
}
