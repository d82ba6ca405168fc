// SPDX-License-Identifier: Apache-2.0
import CKafka
package import Logging
import ServiceKit
import Synchronization

/// An idempotent producer: within one life of it a record is written once and, per partition, in the order of `send`.
///
/// librdkafka's own background thread takes in the delivery reports, so a waiting `send` occupies no thread. All its
/// calls used here may be made from any thread at a time.
package actor KafkaProducer {
    private let executor = BlockingExecutor(label: "kafka-producer")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Set once, freed in `deinit` when no call can be running; librdkafka's producer calls are thread-safe.
    private nonisolated(unsafe) let client: OpaquePointer
    private nonisolated let context: ClientContext
    private nonisolated let closing = Atomic(false)

    /// Makes the client; connecting goes on in the background.
    ///
    /// - Throws: `KafkaError.configuration`.
    package init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaError) {
        let context = ClientContext(logger: logger)
        let native = try configuration.makeNative(configuration.producerProperties)
        rd_kafka_conf_set_events(native, RD_KAFKA_EVENT_DR)
        rd_kafka_conf_set_background_event_cb(native, takeReports)
        let client = try context.makeClient(RD_KAFKA_PRODUCER, native)
        // Both references are ours to give back; the forwarding stays.
        let reports = rd_kafka_queue_get_main(client)
        let background = rd_kafka_queue_get_background(client)
        rd_kafka_queue_forward(reports, background)
        rd_kafka_queue_destroy(reports)
        rd_kafka_queue_destroy(background)
        self.client = client
        self.context = context
    }

    /// Ends the background thread too, so no callback outlives `context`.
    isolated deinit { rd_kafka_destroy(client) }

    /// Writes the records in their order and returns when all in-sync replicas have acknowledged every one.
    ///
    /// - Throws: `KafkaError`: the first failure, after all records are settled; some may have been written. When it
    ///   is fatal the producer has to be replaced. `cancelled` does not wait for what is still under way.
    package nonisolated func send(_ records: [KafkaRecord]) async throws(KafkaError) {
        guard !records.isEmpty else { return }
        let ticket = context.deliveries.open(count: records.count)
        for (index, record) in records.enumerated() {
            if let failure = await enqueue(record, ticket) {
                context.deliveries.retract(ticket, count: records.count - index, failure: failure)
                break
            }
        }
        if let failure = await context.deliveries.outcome(of: ticket) {
            throw closing.load(ordering: .relaxed) ? .closed : failure
        }
    }

    /// Waits for what was sent, at most `timeoutMilliseconds`; afterwards `send` throws `closed`.
    ///
    /// - Throws: `KafkaError` when records remained unacknowledged.
    package func close(timeoutMilliseconds: Int) throws(KafkaError) {
        closing.store(true, ordering: .relaxed)
        let code = rd_kafka_flush(client, Int32(clamping: timeoutMilliseconds))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .failed(KafkaErrorCode(code), operation: "flush") }
    }

    /// Hands one record over; waits while the library's buffer is full.
    private nonisolated func enqueue(_ record: KafkaRecord, _ ticket: UInt) async -> KafkaErrorCode? {
        while true {
            if closing.load(ordering: .relaxed) { return .init(RD_KAFKA_RESP_ERR__DESTROY) }
            let code = paraph_kafka_produce(
                client, record.topic, Int32(clamping: record.partition), record.key, record.key.count, record.value,
                record.value.count, nativeHeaders(record.headers), Int(bitPattern: ticket))
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            guard KafkaErrorCode(code) == .queueFull else { return KafkaErrorCode(code) }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return .queueFull }
        }
    }

    /// The result belongs to the caller; names and values are copied.
    private nonisolated func nativeHeaders(_ headers: [KafkaHeader]) -> OpaquePointer? {
        let native = rd_kafka_headers_new(headers.count)
        for header in headers {
            rd_kafka_header_add(native, header.name, -1, header.value, header.value.count)
        }
        return native
    }
}

/// Called by librdkafka's background thread; the event is ours to destroy.
private func takeReports(_ client: OpaquePointer?, _ event: OpaquePointer?, _ opaque: UnsafeMutableRawPointer?) {
    defer { rd_kafka_event_destroy(event) }
    guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR, let context = ClientContext.of(opaque) else { return }
    let count = rd_kafka_event_message_count(event)
    let reports = [(ticket: UInt, failure: KafkaErrorCode?)](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count, let message = rd_kafka_event_message_next(event) {
            let code = message.pointee.err
            buffer.initializeElement(
                at: filled,
                to: (
                    UInt(paraph_kafka_ticket(message)),
                    code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaErrorCode(code)
                ))
            filled += 1
        }
    }
    context.deliveries.settle(reports)
}
