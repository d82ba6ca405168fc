// SPDX-License-Identifier: Apache-2.0
import Configuration
import FileSystem
import FoundationEssentials
import ServiceKit
import Testing

struct KafkaSettingsTests {
    private static let kafka = ["PARAPH_MESSAGE_LOG": "kafka", "PARAPH_KAFKA_BROKERS": "a:9092,b:9092"]

    private func read(_ variables: [String: String]) throws -> KafkaSettings {
        var reader = ConfigurationReader(environment: variables)
        let common = CommonConfiguration(reader: &reader)
        try reader.finish()
        return common.kafka
    }

    private func mistakes(_ variables: [String: String]) -> [String] {
        do {
            _ = try read(Self.kafka.merging(variables) { $1 })
            return []
        } catch let error as ConfigurationError {
            return error.mistakes.map(\.key)
        } catch {
            return ["\(error)"]
        }
    }

    /// A secret with its content; removed with the body.
    private func withFile(_ text: String, mode: UInt32 = 0o600, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "kafka-\(UUID().uuidString)").path
        try DurableFile.write(Array(text.utf8), to: path, mode: mode)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `brokers alone give plain text and the brokers' own defaults`() throws {
        let settings = try read(Self.kafka)
        #expect(settings.brokers == ["a:9092", "b:9092"])
        #expect(settings.securityProtocol == .plaintext)
        #expect(settings.replicationFactor == nil && settings.minimumInSyncReplicas == nil)
    }

    @Test func `everything together is read`() throws {
        try withFile("content\n") { path in
            let settings = try read(
                Self.kafka.merging([
                    "PARAPH_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "PARAPH_KAFKA_CA_FILE": path,
                    "PARAPH_KAFKA_CERTIFICATE_FILE": path, "PARAPH_KAFKA_CERTIFICATE_KEY_FILE": path,
                    "PARAPH_KAFKA_SASL_MECHANISM": "PLAIN", "PARAPH_KAFKA_SASL_USER": "paraph",
                    "PARAPH_KAFKA_SASL_PASSWORD_FILE": path, "PARAPH_KAFKA_REPLICATION_FACTOR": "3",
                    "PARAPH_KAFKA_MIN_INSYNC_REPLICAS": "2",
                ]) { $1 })
            #expect(settings.securityProtocol == .saslSSL && settings.saslMechanism == .plain)
            #expect(settings.authorityFile == path && settings.certificateFile == path)
            #expect(settings.certificateKey?.text == "content" && settings.saslPassword?.text == "content")
            #expect(settings.saslUser == "paraph")
            #expect(settings.replicationFactor == 3 && settings.minimumInSyncReplicas == 2)
            #expect(!String(reflecting: settings).contains("content"))
        }
    }

    @Test(
        arguments: [
            (["PARAPH_KAFKA_BROKERS": ""], ["PARAPH_KAFKA_BROKERS"]),
            (["PARAPH_KAFKA_SECURITY_PROTOCOL": "tls"], ["PARAPH_KAFKA_SECURITY_PROTOCOL"]),
            (["PARAPH_KAFKA_SASL_MECHANISM": "GSSAPI"], ["PARAPH_KAFKA_SASL_MECHANISM"]),
            (
                ["PARAPH_KAFKA_SECURITY_PROTOCOL": "sasl_ssl"],
                ["PARAPH_KAFKA_SASL_USER", "PARAPH_KAFKA_SASL_PASSWORD_FILE"]
            ),
            (["PARAPH_KAFKA_SASL_USER": "paraph"], ["PARAPH_KAFKA_SASL_USER"]),
            (["PARAPH_KAFKA_CA_FILE": "/etc/hostname"], ["PARAPH_KAFKA_CA_FILE"]),
            (
                ["PARAPH_KAFKA_SECURITY_PROTOCOL": "ssl", "PARAPH_KAFKA_CA_FILE": "/nonexistent"],
                ["PARAPH_KAFKA_CA_FILE"]
            ),
            (
                ["PARAPH_KAFKA_SECURITY_PROTOCOL": "ssl", "PARAPH_KAFKA_CERTIFICATE_FILE": "/etc/hostname"],
                ["PARAPH_KAFKA_CERTIFICATE_KEY_FILE"]
            ),
            (["PARAPH_KAFKA_REPLICATION_FACTOR": "0"], ["PARAPH_KAFKA_REPLICATION_FACTOR"]),
            (["PARAPH_KAFKA_MIN_INSYNC_REPLICAS": "2"], ["PARAPH_KAFKA_MIN_INSYNC_REPLICAS"]),
            (
                ["PARAPH_KAFKA_REPLICATION_FACTOR": "2", "PARAPH_KAFKA_MIN_INSYNC_REPLICAS": "3"],
                ["PARAPH_KAFKA_MIN_INSYNC_REPLICAS"]
            ),
        ] as [([String: String], [String])])
    func `what does not fit together is named`(variables: [String: String], keys: [String]) {
        #expect(mistakes(variables) == keys)
    }

    @Test func `a password or a key that others may read is refused`() throws {
        try withFile("content", mode: 0o644) { path in
            let tls = ["PARAPH_KAFKA_SECURITY_PROTOCOL": "ssl", "PARAPH_KAFKA_CERTIFICATE_FILE": path]
            #expect(
                mistakes(tls.merging(["PARAPH_KAFKA_CERTIFICATE_KEY_FILE": path]) { $1 })
                    == ["PARAPH_KAFKA_CERTIFICATE_KEY_FILE"])
            let sasl = ["PARAPH_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "PARAPH_KAFKA_SASL_USER": "paraph"]
            #expect(
                mistakes(sasl.merging(["PARAPH_KAFKA_SASL_PASSWORD_FILE": path]) { $1 })
                    == ["PARAPH_KAFKA_SASL_PASSWORD_FILE"])
        }
    }

    @Test func `without Kafka its settings need not fit together`() throws {
        #expect(try read(["PARAPH_KAFKA_SECURITY_PROTOCOL": "sasl_ssl"]).saslUser == nil)
    }
}
