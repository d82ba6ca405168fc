// SPDX-License-Identifier: Apache-2.0
import CKafka
import Logging
import Synchronization

/// What librdkafka's callbacks reach through the client's opaque pointer.
///
/// The client that owns the handle owns this object too and destroys the handle, which ends all callbacks, before it
/// lets go of it; so the pointer is handed over without a reference count.
final class ClientContext: Sendable {
    let logger: Logger
    let deliveries = DeliveryBook()
    let rebalances = Mutex<[Rebalance]>([])
    let uncommitted = Mutex<[TopicPartitionOffset]>([])

    init(logger: Logger) { self.logger = logger }

    static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Makes a client of `native`, which `rd_kafka_new` takes over only when it succeeds.
    func makeClient(_ type: rd_kafka_type_t, _ native: OpaquePointer) throws(KafkaError) -> OpaquePointer {
        rd_kafka_conf_set_opaque(native, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_log_cb(native, reportLog)
        rd_kafka_conf_set_error_cb(native, reportError)
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(type, native, &text, text.count) else {
            rd_kafka_conf_destroy(native)
            throw .configuration(property: "*", reason: TextBuffer.string(text))
        }
        return client
    }
}

/// Reads the C strings that librdkafka writes into buffers of ours.
enum TextBuffer {
    static func string(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension LogKey {
    static let kafkaFacility = LogKey("kafka.facility")
    static let kafkaText = LogKey("kafka.text")
    static let kafkaCode = LogKey("kafka.code")
}

/// Called by any of librdkafka's threads; `level` is syslog's.
private func reportLog(
    _ client: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?
) {
    guard let client, let context = ClientContext.of(rd_kafka_opaque(client)) else { return }
    let fields: [LogKey: LogValue] = [
        .kafkaFacility: .string(facility.map { String(cString: $0) } ?? ""),
        .kafkaText: .string(text.map { String(cString: $0) } ?? ""),
    ]
    switch level {
    case ...2: context.logger.error("Kafka client library failed", fields)
    case 3...4: context.logger.info("Kafka client library warned", fields)
    default: context.logger.debug("Kafka client library reported", fields)
    }
}

/// The library goes on by itself after all of these; a fatal one comes back from the next call too.
private func reportError(
    _ client: OpaquePointer?, _ code: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
) {
    ClientContext.of(opaque)?.logger.warning(
        "Kafka connection is impaired", [.kafkaCode: .string(KafkaErrorCode(rawValue: code).name)])
}
