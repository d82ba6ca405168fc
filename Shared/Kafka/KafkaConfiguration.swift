// SPDX-License-Identifier: Apache-2.0
import CKafka
import Configuration
package import Logging
package import ServiceKit

/// How to reach a cluster; what correctness rests on (acknowledgements, commits, resets) is not configurable.
package struct KafkaConfiguration: Sendable {
    /// `host:port,host:port`; a few are enough, the rest are discovered.
    package var brokers: String
    /// Shows in the brokers' logs and quotas; the executable's name.
    package var clientID: String
    /// How long one record may wait for its acknowledgement before `send` fails.
    package var deliveryTimeoutMilliseconds: Int
    /// Transport security and the like (`security.protocol`, `ssl.ca.location`, `sasl.*`), by librdkafka's names.
    package var properties: [String: String]
    /// Of topics that are created; nil takes the brokers' default, as does the next.
    package var replicationFactor: Int?
    package var minimumInSyncReplicas: Int?

    /// Plain text unless `properties` says otherwise.
    package init(
        brokers: String, clientID: String, deliveryTimeoutMilliseconds: Int = 20_000, properties: [String: String] = [:]
    ) {
        self.brokers = brokers
        self.clientID = clientID
        self.deliveryTimeoutMilliseconds = deliveryTimeoutMilliseconds
        self.properties = properties
    }

    /// What an operator set for a service.
    package init(_ settings: KafkaSettings, clientID: String) {
        self.init(brokers: settings.brokers.joined(separator: ","), clientID: clientID)
        properties["security.protocol"] = settings.securityProtocol.rawValue
        if settings.securityProtocol.usesTLS {
            properties["ssl.ca.location"] = settings.authorityFile
            properties["ssl.certificate.location"] = settings.certificateFile
            properties["ssl.key.pem"] = settings.certificateKey?.text
        }
        if settings.securityProtocol.usesSASL {
            properties["sasl.mechanism"] = settings.saslMechanism.rawValue
            properties["sasl.username"] = settings.saslUser
            properties["sasl.password"] = settings.saslPassword?.text
        }
        replicationFactor = settings.replicationFactor
        minimumInSyncReplicas = settings.minimumInSyncReplicas
    }

    /// Has librdkafka take in the settings and the files they name, without connecting to anything.
    ///
    /// - Throws: `KafkaError.configuration`.
    package func check(logger: Logger) throws(KafkaError) {
        let context = ClientContext(logger: logger)
        let client = try context.makeClient(RD_KAFKA_PRODUCER, try makeNative(producerProperties))
        withExtendedLifetime(context) { rd_kafka_destroy(client) }
    }

    /// The largest record, headers included; topics that Paraph creates accept it whatever the broker's default is.
    package static let maximumRecordBytes = 8 * 1024 * 1024

    private static let fixed: Set<String> = [
        "acks", "request.required.acks", "enable.idempotence", "transactional.id", "enable.auto.commit",
        "enable.auto.offset.store", "auto.offset.reset", "group.id", "partition.assignment.strategy",
        "allow.auto.create.topics",
    ]

    /// Reconnecting within a second matters more to Paraph than sparing a broker that is starting.
    private var common: [(String, String)] {
        [
            ("bootstrap.servers", brokers), ("client.id", clientID), ("reconnect.backoff.ms", "50"),
            ("reconnect.backoff.max.ms", "1000"), ("socket.keepalive.enable", "true"), ("socket.nagle.disable", "true"),
            ("log.connection.close", "false"),
        ]
    }

    var producerProperties: [(String, String)] {
        common + [
            ("enable.idempotence", "true"), ("acks", "all"), ("linger.ms", "1"),
            ("message.timeout.ms", String(deliveryTimeoutMilliseconds)), ("request.timeout.ms", "10000"),
            // A topic that is missing for this long is reported, so that its owner can create it.
            ("topic.metadata.propagation.max.ms", "3000"),
            // Bounds the memory of a producer while no broker answers.
            ("queue.buffering.max.kbytes", "32768"), ("message.max.bytes", String(Self.maximumRecordBytes)),
        ]
    }

    func consumerProperties(group: String, instance: String?) -> [(String, String)] {
        var all =
            common + [
                ("group.id", group), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
                ("auto.offset.reset", "earliest"), ("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "1000"),
                ("max.poll.interval.ms", "60000"), ("allow.auto.create.topics", "false"),
                // Equal lanes of equally divided topics meet in one member, so one envelope's rows see one process.
                ("partition.assignment.strategy", "range"), ("isolation.level", "read_uncommitted"),
                ("fetch.error.backoff.ms", "100"), ("queued.max.messages.kbytes", "16384"),
                ("topic.metadata.refresh.interval.ms", "10000"), ("fetch.message.max.bytes", "1048576"),
            ]
        if let instance { all.append(("group.instance.id", instance)) }
        return all
    }

    /// Makes librdkafka's configuration object; the caller owns it until `rd_kafka_new` has succeeded.
    func makeNative(_ properties: [(String, String)]) throws(KafkaError) -> OpaquePointer {
        if let refused = self.properties.keys.first(where: Self.fixed.contains) {
            throw .configuration(property: refused, reason: "Paraph fixes it; remove it")
        }
        guard let native = rd_kafka_conf_new() else {
            throw .configuration(property: "*", reason: "no memory for a configuration")
        }
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in properties + self.properties.sorted(by: { $0.key < $1.key }) {
            guard rd_kafka_conf_set(native, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(native)
                // The library's text repeats the value, which may be a secret: only the property is named.
                throw .configuration(property: name, reason: "unknown property or value out of range")
            }
        }
        return native
    }
}
