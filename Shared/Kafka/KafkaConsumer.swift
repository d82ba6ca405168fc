// SPDX-License-Identifier: Apache-2.0
import CKafka
package import Logging
import ServiceKit
import Synchronization

/// One member of a consumer group; offsets move only by `commit`.
///
/// `poll` has to be called at least once a minute, or the group takes the member's partitions away.
package actor KafkaConsumer {
    private let executor = BlockingExecutor(label: "kafka-consumer")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Set once, freed in `deinit`; used off the actor only by `interrupt`, whose call is thread-safe.
    private nonisolated(unsafe) let client: OpaquePointer
    private let context: ClientContext
    private var isClosed = false
    private var assigned: Set<TopicPartition> = []
    /// Also of partitions that are gone: librdkafka keeps a pause for the time when they come back.
    private var paused: Set<TopicPartition> = []
    /// Records that came although nothing was asked for, before those that librdkafka still has.
    private var stash: [KafkaRecord] = []
    /// What `stayAlive` found.
    private var news = KafkaPoll()
    private var polledAt = ContinuousClock.now

    /// Joins `group` with the first polls; `instance` makes the membership static, so that a restart within the
    /// session's six seconds moves no partition.
    ///
    /// - Throws: `KafkaError.configuration`, or what subscribing answered.
    package init(
        _ configuration: KafkaConfiguration, group: String, topics: [String], instance: String? = nil, logger: Logger
    ) throws(KafkaError) {
        let context = ClientContext(logger: logger)
        let native = try configuration.makeNative(
            configuration.consumerProperties(group: group, instance: instance))
        rd_kafka_conf_set_rebalance_cb(native, takeRebalance)
        rd_kafka_conf_set_offset_commit_cb(native, takeCommit)
        let client = try context.makeClient(RD_KAFKA_CONSUMER, native)
        let code = KafkaConsumer.subscribe(client, topics)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            rd_kafka_destroy(client)
            throw .failed(KafkaErrorCode(code), operation: "subscribe")
        }
        self.client = client
        self.context = context
    }

    /// Leaves the group when `close` has not.
    isolated deinit { rd_kafka_destroy(client) }

    /// Waits at most `timeoutMilliseconds` for a first record, then takes what has already been fetched.
    ///
    /// Partitions in `pausing` give nothing and lose nothing; with a `maximum` of 0 that holds for all, and only news
    /// is brought. Records of partitions that were revoked meanwhile are left out.
    ///
    /// - Throws: `KafkaError` when the member is of no more use or closed; make another one.
    package func poll(
        maximum: Int, timeoutMilliseconds: Int, pausing: Set<TopicPartition> = []
    ) throws(KafkaError) -> KafkaPoll {
        guard !isClosed else { throw .closed }
        polledAt = .now
        try pause(maximum > 0 ? pausing.intersection(assigned) : assigned)
        var result = news
        news = KafkaPoll()
        result.records = takeStash(maximum)
        let isWaiting = result.records.isEmpty && result.rebalances.isEmpty
        try fetch(into: &result, maximum: maximum, timeout: isWaiting ? Int32(clamping: timeoutMilliseconds) : 0)
        return result
    }

    /// Keeps the membership while the caller is busy: after `idleSeconds` without a poll the member pauses everything
    /// and polls by itself; the next `poll` brings what that found.
    ///
    /// - Throws: As `poll`.
    package func stayAlive(idleSeconds: Double) throws(KafkaError) {
        guard !isClosed, ContinuousClock.now - polledAt >= .seconds(idleSeconds) else { return }
        try pause(assigned)
        try fetch(into: &news, maximum: 0, timeout: 0)
    }

    /// Makes a waiting `poll` return; costs nothing when there is none, but the next one may then return early.
    package nonisolated func interrupt() {
        guard let queue = rd_kafka_queue_get_consumer(client) else { return }
        rd_kafka_queue_yield(queue)
        rd_kafka_queue_destroy(queue)
    }

    /// Stores how far the group has handled these partitions and waits for the coordinator's answer.
    ///
    /// - Throws: `KafkaError`; with `isLostMembership` another member has the partition and will see the records again.
    package func commit(_ positions: [TopicPartitionOffset]) throws(KafkaError) {
        guard !isClosed else { throw .closed }
        guard !positions.isEmpty else { return }
        guard let list = PartitionList(positions) else { throw .outOfMemory }
        try check(rd_kafka_commit(client, list.native, 0), list, "commit offsets")
    }

    /// As `commit`, without waiting for the answer: what the coordinator refuses comes back as `uncommitted` of a poll.
    ///
    /// - Throws: `KafkaError` when the request could not be made.
    package func commitLater(_ positions: [TopicPartitionOffset]) throws(KafkaError) {
        guard !isClosed else { throw .closed }
        guard !positions.isEmpty else { return }
        guard let list = PartitionList(positions) else { throw .outOfMemory }
        try check(rd_kafka_commit(client, list.native, 1), list, "commit offsets")
    }

    /// Reads on from these places; the partitions must be assigned.
    ///
    /// - Throws: `KafkaError` when one is not assigned or its broker does not answer within five seconds.
    package func seek(_ positions: [TopicPartitionOffset]) throws(KafkaError) {
        guard !positions.isEmpty else { return }
        guard let list = PartitionList(positions) else { throw .outOfMemory }
        if let error = rd_kafka_seek_partitions(client, list.native, 5_000) {
            defer { rd_kafka_error_destroy(error) }
            throw .failed(KafkaErrorCode(rd_kafka_error_code(error)), operation: "seek")
        }
        try check(RD_KAFKA_RESP_ERR_NO_ERROR, list, "seek")
    }

    /// Leaves the group, so that the others take over at once; a static member stays listed until its session ends.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        let code = rd_kafka_consumer_close(client)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR {
            context.logger.info("Kafka consumer left uncleanly", [.kafkaCode: .string(KafkaErrorCode(code).name)])
        }
    }

    /// Takes messages until the queue is empty or `maximum` is reached; with a `maximum` of 0 records are stashed.
    private func fetch(into result: inout KafkaPoll, maximum: Int, timeout: Int32) throws(KafkaError) {
        var timeout = timeout
        var topics = TopicNames()
        while result.records.count < max(maximum, 1), let message = rd_kafka_consumer_poll(client, timeout) {
            timeout = 0
            defer { rd_kafka_message_destroy(message) }
            // Callbacks of this call came before its message: a revocation takes the older records only.
            takeCallbacks(into: &result)
            let code = message.pointee.err
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                if KafkaErrorCode(code).isFatal { throw .failed(KafkaErrorCode(code), operation: "poll") }
                result.problems.append(KafkaErrorCode(code))
                break
            }
            let record = KafkaRecord(copying: message, topic: topics.name(of: message.pointee.rkt))
            if maximum > 0 { result.records.append(record) } else { stash.append(record) }
        }
        takeCallbacks(into: &result)
    }

    /// Takes over what the callbacks saw during the last call.
    private func takeCallbacks(into result: inout KafkaPoll) {
        let changes = context.rebalances.withLock { changes in
            defer { changes = [] }
            return changes
        }
        for change in changes {
            switch change {
            case .assigned(let partitions): assigned.formUnion(partitions)
            case .revoked(let partitions, _):
                assigned.subtract(partitions)
                // A partition that came back within the same poll is read again from its committed offset.
                let gone = Set(partitions)
                result.records.removeAll { gone.contains($0.topicPartition) }
                stash.removeAll { gone.contains($0.topicPartition) }
            }
        }
        result.rebalances += changes
        result.uncommitted += context.uncommitted.withLock { refused in
            defer { refused = [] }
            return refused
        }
    }

    /// Takes the oldest stashed records of partitions that are not paused.
    private func takeStash(_ maximum: Int) -> [KafkaRecord] {
        guard !stash.isEmpty, maximum > 0 else { return [] }
        var taken: [KafkaRecord] = []
        var kept: [KafkaRecord] = []
        for record in stash {
            if taken.count < maximum && !paused.contains(record.topicPartition) {
                taken.append(record)
            } else {
                kept.append(record)
            }
        }
        stash = kept
        return taken
    }

    /// Brings what is paused in line with what is wanted; a resumed partition goes on where it was read to.
    private func pause(_ wanted: Set<TopicPartition>) throws(KafkaError) {
        let (stop, go) = (wanted.subtracting(paused), paused.subtracting(wanted))
        if !stop.isEmpty, let list = PartitionList(stop) {
            try check(rd_kafka_pause_partitions(client, list.native), list, "pause")
        }
        if !go.isEmpty, let list = PartitionList(go) {
            try check(rd_kafka_resume_partitions(client, list.native), list, "resume")
        }
        paused = wanted
    }

    private func check(
        _ code: rd_kafka_resp_err_t, _ list: borrowing PartitionList, _ operation: String
    ) throws(KafkaError) {
        let first = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list.firstError : code
        guard first == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .failed(KafkaErrorCode(first), operation: operation) }
    }

    private static func subscribe(_ client: OpaquePointer, _ topics: [String]) -> rd_kafka_resp_err_t {
        let redirected = rd_kafka_poll_set_consumer(client)
        guard redirected == RD_KAFKA_RESP_ERR_NO_ERROR else { return redirected }
        guard let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) }) else {
            return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE
        }
        return rd_kafka_subscribe(client, list.native)
    }
}

extension KafkaError {
    fileprivate static let outOfMemory = KafkaError.failed(
        KafkaErrorCode(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE), operation: "allocate a partition list")
}

/// Keeps the last topic's name, because neighbours nearly always share it.
///
/// Lives no longer than one poll, because a topic handle's address may be used again.
private struct TopicNames {
    private var handle: OpaquePointer?
    private var name = ""

    mutating func name(of topic: OpaquePointer?) -> String {
        if topic != handle {
            handle = topic
            name = rd_kafka_topic_name(topic).map { String(cString: $0) } ?? ""
        }
        return name
    }
}
