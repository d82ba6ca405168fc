// SPDX-License-Identifier: Apache-2.0
package import Configuration

/// How the Kafka cluster is reached, and what the topics are like that services create there.
package struct KafkaSettings: Sendable {
    /// Kafka's own words for what a listener speaks.
    package enum SecurityProtocol: String, Sendable, CaseIterable {
        case plaintext
        case ssl
        case saslPlaintext = "sasl_plaintext"
        case saslSSL = "sasl_ssl"

        /// Whether connections are encrypted.
        package var usesTLS: Bool { self == .ssl || self == .saslSSL }
        /// Whether clients name a user.
        package var usesSASL: Bool { self == .saslPlaintext || self == .saslSSL }
    }

    /// How the password is proved.
    package enum SASLMechanism: String, Sendable, CaseIterable {
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }

    /// Host:port pairs.
    package let brokers: [String]
    package let securityProtocol: SecurityProtocol
    /// PEM file; nil trusts the system's authorities.
    package let authorityFile: String?
    /// PEM file for brokers that ask clients for a certificate.
    package let certificateFile: String?
    /// The certificate's private key in PEM.
    package let certificateKey: Secret?
    package let saslMechanism: SASLMechanism
    package let saslUser: String?
    package let saslPassword: Secret?
    /// Nil takes the brokers' default, as does the next.
    package let replicationFactor: Int?
    package let minimumInSyncReplicas: Int?

    /// Reads all keys; what they must be together counts only where Kafka is used.
    init(reader: inout ConfigurationReader, isUsed: Bool) {
        brokers = (reader.optional(Self.brokersKey) ?? "").split(separator: ",").map(String.init)
        securityProtocol = reader.choice(Self.securityProtocolKey)
        authorityFile = reader.optional(Self.authorityKey)
        certificateFile = reader.optional(Self.certificateKey)
        certificateKey = reader.optional(Self.certificateKeyKey)
        saslMechanism = reader.choice(Self.saslMechanismKey)
        saslUser = reader.optional(Self.saslUserKey)
        saslPassword = reader.optional(Self.saslPasswordKey)
        replicationFactor = reader.optional(Self.replicationKey)
        minimumInSyncReplicas = reader.optional(Self.inSyncKey)
        if isUsed { check(&reader) }
    }

    /// A setting without effect is refused too: whoever sets it believes in a protection that is not there.
    private func check(_ reader: inout ConfigurationReader) {
        if brokers.isEmpty {
            reader.refuse(Self.brokersKey, allowed: "set when PARAPH_MESSAGE_LOG is kafka, as host:port,host:port")
        }
        if !securityProtocol.usesTLS {
            let allowed = "unset unless \(Self.securityProtocolKey.name) is ssl or sasl_ssl"
            if authorityFile != nil { reader.refuse(Self.authorityKey, allowed: allowed) }
            if certificateFile != nil { reader.refuse(Self.certificateKey, allowed: allowed) }
            if certificateKey != nil { reader.refuse(Self.certificateKeyKey, allowed: allowed) }
        } else if certificateFile == nil, certificateKey != nil {
            reader.refuse(Self.certificateKey, allowed: "set beside \(Self.certificateKeyKey.name)")
        } else if certificateFile != nil, certificateKey == nil {
            reader.refuse(Self.certificateKeyKey, allowed: "set beside \(Self.certificateKey.name)")
        }
        if securityProtocol.usesSASL {
            let allowed = "set when \(Self.securityProtocolKey.name) is \(securityProtocol.rawValue)"
            if saslUser == nil { reader.refuse(Self.saslUserKey, allowed: allowed) }
            if saslPassword == nil { reader.refuse(Self.saslPasswordKey, allowed: allowed) }
        } else {
            let allowed = "unset unless \(Self.securityProtocolKey.name) is sasl_plaintext or sasl_ssl"
            if saslUser != nil { reader.refuse(Self.saslUserKey, allowed: allowed) }
            if saslPassword != nil { reader.refuse(Self.saslPasswordKey, allowed: allowed) }
        }
        if let minimumInSyncReplicas, minimumInSyncReplicas > replicationFactor ?? 0 {
            reader.refuse(Self.inSyncKey, allowed: "at most \(Self.replicationKey.name), which has to be set beside it")
        }
    }

    /// In the order of `--help`.
    static let keys: [any ConfigurationKeyDescription] = [
        brokersKey, securityProtocolKey, authorityKey, certificateKey, certificateKeyKey, saslMechanismKey, saslUserKey,
        saslPasswordKey, replicationKey, inSyncKey,
    ]

    private static let brokersKey = ConfigurationKey.string(
        "PARAPH_KAFKA_BROKERS", optional: true, "Kafka brokers as host:port,host:port")
    private static let securityProtocolKey = ConfigurationKey.choice(
        "PARAPH_KAFKA_SECURITY_PROTOCOL", default: SecurityProtocol.plaintext,
        "what the brokers' listener speaks; ssl encrypts and proves the broker, sasl names a user")
    private static let authorityKey = ConfigurationKey.file(
        "PARAPH_KAFKA_CA_FILE", optional: true,
        "certificates (PEM) of the authorities that brokers are proved by; without it the system's")
    private static let certificateKey = ConfigurationKey.file(
        "PARAPH_KAFKA_CERTIFICATE_FILE", optional: true, "this client's certificate chain (PEM), for brokers that ask")
    private static let certificateKeyKey = ConfigurationKey.secretFile(
        "PARAPH_KAFKA_CERTIFICATE_KEY_FILE", optional: true, "private key (PEM, not encrypted) of that certificate")
    private static let saslMechanismKey = ConfigurationKey.choice(
        "PARAPH_KAFKA_SASL_MECHANISM", default: SASLMechanism.scramSHA512,
        "how the password is proved; PLAIN sends it as it is")
    private static let saslUserKey = ConfigurationKey.string(
        "PARAPH_KAFKA_SASL_USER", optional: true, "user at the brokers")
    private static let saslPasswordKey = ConfigurationKey.secretFile(
        "PARAPH_KAFKA_SASL_PASSWORD_FILE", optional: true, "password of that user")
    private static let replicationKey = ConfigurationKey.int(
        "PARAPH_KAFKA_REPLICATION_FACTOR", optional: true, in: 1...15, unit: "brokers",
        "copies of each topic that is created; without it the brokers' default; 3 where machines may fail")
    private static let inSyncKey = ConfigurationKey.int(
        "PARAPH_KAFKA_MIN_INSYNC_REPLICAS", optional: true, in: 1...15, unit: "brokers",
        "copies that must have a message before it counts as written, for each topic that is created")
}
