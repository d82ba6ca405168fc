// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Kafka
import Logging
import ServiceKit
import Testing

/// A broker whose listener wants TLS, a client certificate and a password, and the keys of both sides.
private struct SecuredBroker {
    let broker: KafkaBroker
    let keys: URL

    init() throws {
        let keys = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-kafka-keys-\(UUID())")
        try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
        self.keys = keys
        try Self.openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem", in: keys)
        for name in ["broker", "client"] {
            try Self.openssl(
                "req -newkey rsa:2048 -nodes -subj /CN=\(name) -keyout \(name).key -out \(name).csr", in: keys)
            try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: keys.appendingPathComponent("names"))
            try Self.openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out \(name).pem",
                in: keys)
        }
        try
            (Data(contentsOf: keys.appendingPathComponent("broker.key"))
            + Data(contentsOf: keys.appendingPathComponent("broker.pem"))).write(
                to: keys.appendingPathComponent("broker.store"))
        try Data("open sesame\n".utf8).write(to: keys.appendingPathComponent("password"))
        try Data("close sesame\n".utf8).write(to: keys.appendingPathComponent("wrong"))
        for secret in ["client.key", "password", "wrong"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: keys.appendingPathComponent(secret).path)
        }
        let login = "org.apache.kafka.common.security.plain.PlainLoginModule required user_paraph=\"open sesame\";"
        broker = KafkaBroker(isForgetful: true) { port in
            [
                "listeners=CLIENTS://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(port + 1),BROKERS://127.0.0.1:0",
                "listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,BROKERS:PLAINTEXT",
                "inter.broker.listener.name=BROKERS", "ssl.keystore.type=PEM", "ssl.truststore.type=PEM",
                "ssl.keystore.location=\(keys.path)/broker.store", "ssl.truststore.location=\(keys.path)/ca.pem",
                "listener.name.clients.ssl.client.auth=required", "sasl.enabled.mechanisms=PLAIN",
                "listener.name.clients.plain.sasl.jaas.config=\(login)",
            ]
        }
    }

    /// Runs OpenSSL's tool in the folder of the keys.
    private static func openssl(_ words: String, in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// As a service reads it, with everything right but for `changes`; an empty value unsets.
    func configuration(_ changes: [String: String] = [:]) throws -> KafkaConfiguration {
        let right = [
            "PARAPH_MESSAGE_LOG": "kafka", "PARAPH_KAFKA_BROKERS": broker.brokers,
            "PARAPH_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "PARAPH_KAFKA_CA_FILE": keys.path + "/ca.pem",
            "PARAPH_KAFKA_CERTIFICATE_FILE": keys.path + "/client.pem",
            "PARAPH_KAFKA_CERTIFICATE_KEY_FILE": keys.path + "/client.key", "PARAPH_KAFKA_SASL_MECHANISM": "PLAIN",
            "PARAPH_KAFKA_SASL_USER": "paraph", "PARAPH_KAFKA_SASL_PASSWORD_FILE": keys.path + "/password",
            "PARAPH_KAFKA_REPLICATION_FACTOR": "1", "PARAPH_KAFKA_MIN_INSYNC_REPLICAS": "1",
        ]
        var reader = ConfigurationReader(environment: right.merging(changes) { $1 })
        let common = CommonConfiguration(reader: &reader)
        try reader.finish()
        return KafkaConfiguration(common.kafka, clientID: "paraph-tests")
    }

    func end() async {
        await broker.stop()
        try? FileManager.default.removeItem(at: keys)
    }
}

@Suite(.enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaSecurityTests {
    @Test func `a broker that wants TLS, a certificate and a password gets them from the settings`() async throws {
        let secured = try SecuredBroker()
        do {
            try await secured.broker.start()
            let configuration = try secured.configuration()
            let admin = try KafkaAdmin(configuration, logger: .disabled)
            try await admin.createTopics([("secured", 1)])
            try await KafkaProducer(configuration, logger: .disabled).send([
                KafkaRecord(topic: "secured", partition: 0, key: [1], value: [2])
            ])
            for wrong in [
                ["PARAPH_KAFKA_SASL_PASSWORD_FILE": secured.keys.path + "/wrong"],
                ["PARAPH_KAFKA_CERTIFICATE_FILE": "", "PARAPH_KAFKA_CERTIFICATE_KEY_FILE": ""],
                // The system's authorities do not vouch for this broker.
                ["PARAPH_KAFKA_CA_FILE": ""],
            ] {
                let refused = try KafkaAdmin(secured.configuration(wrong), logger: .disabled)
                await #expect(throws: KafkaError.self) { try await refused.partitionCounts(1_500) }
            }
        } catch {
            await secured.end()
            throw error
        }
        await secured.end()
    }

    @Test func `a file that is no certificate is refused before anything is connected`() async throws {
        let secured = try SecuredBroker()
        for key in ["PARAPH_KAFKA_CA_FILE", "PARAPH_KAFKA_CERTIFICATE_FILE"] {
            let configuration = try secured.configuration([key: secured.keys.path + "/names"])
            let found = await failure { () throws(KafkaError) in try configuration.check(logger: .disabled) }
            guard case .configuration = found else {
                Issue.record("\(key) was taken: \(String(describing: found))")
                continue
            }
        }
        try secured.configuration().check(logger: .disabled)
        let mixed = try secured.configuration([
            "PARAPH_KAFKA_CERTIFICATE_KEY_FILE": secured.keys.path + "/password"
        ])
        let found = await failure { () throws(KafkaError) in try mixed.check(logger: .disabled) }
        #expect(found != nil && found?.description.contains("sesame") == false)
        await secured.end()
    }
}

@Suite(.enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaReplicationTests {
    @Test func `more copies than there are brokers are refused`() async throws {
        let test = try await KafkaTestCase()
        var configuration = test.configuration
        configuration.replicationFactor = 2
        let admin = try KafkaAdmin(configuration, logger: .disabled)
        await #expect(throws: KafkaError.self) {
            try await admin.createTopics([(test.topic + ".two", 1)], timeoutMilliseconds: 3_000)
        }
    }

    @Test func `the brokers judge the least number of copies that must have a record`() async throws {
        let test = try await KafkaTestCase()
        var configuration = test.configuration
        configuration.replicationFactor = 1
        configuration.minimumInSyncReplicas = 0
        await #expect(throws: KafkaError.self) {
            try await KafkaAdmin(configuration, logger: .disabled).createTopics([(test.topic + ".none", 1)])
        }
        configuration.minimumInSyncReplicas = 1
        try await KafkaAdmin(configuration, logger: .disabled).createTopics([(test.topic + ".one", 1)])
    }
}
