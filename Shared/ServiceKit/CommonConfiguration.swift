// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import Logging

/// The settings that all services share.
package struct CommonConfiguration: Sendable {
    /// What the installation is for.
    package enum Environment: String, Sendable, CaseIterable {
        /// Test clocks are allowed.
        case development
        case production
    }

    /// How messages travel between services.
    package enum MessageLogDriver: String, Sendable, CaseIterable {
        /// Through the outboxes in the database; nothing to install.
        case postgres
        case kafka
    }

    /// Where the database is.
    package struct Database: Sendable {
        /// A host name, or the folder of the Unix socket.
        package let host: String
        package let port: Int
        package let name: String
    }

    package let environment: Environment
    package let logLevel: LogLevel
    /// Nil: text on a terminal, JSON elsewhere.
    package let logFormat: LineLogWriter.Format?
    package let publicURL: String
    package let messageLog: MessageLogDriver
    package let kafka: KafkaSettings
    package let testClockFile: String?
    package let objectStore: String
    package let keyStore: String
    package let database: Database

    /// Reads all shared keys; refuses a test clock in production.
    package init(reader: inout ConfigurationReader) {
        environment = reader.choice(Self.environmentKey)
        logLevel = reader.choice(Self.logLevelKey)
        logFormat = reader.optional(Self.logFormatKey).flatMap { LineLogWriter.Format(rawValue: $0.rawValue) }
        publicURL = reader.string(Self.publicURLKey)
        messageLog = reader.choice(Self.messageLogKey)
        kafka = KafkaSettings(reader: &reader, isUsed: messageLog == .kafka)
        testClockFile = reader.optional(Self.testClockFileKey)
        objectStore = reader.path(Self.objectStoreKey)
        keyStore = reader.path(Self.keyStoreKey)
        database = Database(
            host: reader.string(Self.databaseHostKey), port: reader.port(Self.databasePortKey),
            name: reader.string(Self.databaseNameKey))
        if environment == .production, testClockFile != nil {
            reader.refuse(Self.testClockFileKey, allowed: "unset in production: business time is real time there")
        }
    }

    /// In the order of `--help`.
    package static let keys: [any ConfigurationKeyDescription] =
        [
            environmentKey, logLevelKey, logFormatKey, publicURLKey, databaseHostKey, databasePortKey, databaseNameKey,
            messageLogKey,
        ] + KafkaSettings.keys + [objectStoreKey, keyStoreKey, testClockFileKey]

    private enum FormatWord: String, Sendable, CaseIterable {
        case auto, json, text
    }

    private static let environmentKey = ConfigurationKey.choice(
        "PARAPH_ENVIRONMENT", default: Environment.development, "what this installation is for")
    private static let logLevelKey = ConfigurationKey.choice(
        "PARAPH_LOG_LEVEL", default: LogLevel.info, "the least important lines that are written")
    private static let logFormatKey = ConfigurationKey.choice(
        "PARAPH_LOG_FORMAT", default: FormatWord.auto, "auto writes text to a terminal and JSON elsewhere")
    private static let publicURLKey = ConfigurationKey.string(
        "PARAPH_PUBLIC_URL", default: "http://localhost:8080", "what signing links and API addresses begin with")
    private static let messageLogKey = ConfigurationKey.choice(
        "PARAPH_MESSAGE_LOG", default: MessageLogDriver.postgres, "how messages travel between services")
    private static let testClockFileKey = ConfigurationKey.path(
        "PARAPH_TEST_CLOCK_FILE", optional: true, "file with seconds to add to business time; refused in production")
    private static let objectStoreKey = ConfigurationKey.path(
        "PARAPH_OBJECT_STORE", default: "/var/lib/paraph/objects", "folder of documents and evidence")
    private static let keyStoreKey = ConfigurationKey.path(
        "PARAPH_KEY_STORE", default: "/var/lib/paraph/keys", "folder of this service's keys")
    private static let databaseHostKey = ConfigurationKey.string(
        "PARAPH_DATABASE_HOST", default: "/var/run/postgresql", "database host, or folder of its Unix socket")
    private static let databasePortKey = ConfigurationKey.port(
        "PARAPH_DATABASE_PORT", default: 5432, "database port")
    private static let databaseNameKey = ConfigurationKey.string(
        "PARAPH_DATABASE_NAME", default: "paraph", "database name")
    static let ownerPasswordKey = ConfigurationKey.secretFile(
        "PARAPH_OWNER_PASSWORD_FILE", optional: true, "password of paraph_owner, used by migrate only")
}
