// SPDX-License-Identifier: Apache-2.0
import Foundation
import Keys

/// Where a development installation keeps what, who may read it, and how each service is configured.
///
/// As root every service runs under a uid of its own (`firstUser` + its place in `Siblings.services`); otherwise all
/// run as the caller. The object store's working area and the data keys are shared through one group.
struct DevelopmentInstallation {
    static let storageGroup = 7300
    static let firstUser = 7301
    /// Public listener, then vault's retrieval API, six admin listeners, the broker with its controller, and the
    /// authorities.
    static let portCount = 11

    let folder: URL
    let firstPort: Int
    let usesKafka: Bool
    let separatesUsers: Bool
    /// Extra environment for every service, from `PARAPH_DEV_*`-free tests and benches: pool sizes, test clock.
    let overrides: [String: String]
    /// What the tenant's signatures reach, as `--level` says it.
    var level = Self.highestLevel
    static let highestLevel = "b-lta"

    var publicURL: String { "http://127.0.0.1:\(firstPort)" }
    var vaultPort: Int { firstPort + 1 }
    var brokerPort: Int { firstPort + 8 }
    var authorityPort: Int { firstPort + 10 }
    var authorityURL: String { "http://127.0.0.1:\(authorityPort)" }
    func adminPort(_ service: String) -> Int { firstPort + 2 + (Siblings.services.firstIndex(of: service) ?? 0) }

    var keys: URL { folder.appendingPathComponent("keys") }
    var objects: URL { folder.appendingPathComponent("objects") }
    var mail: URL { folder.appendingPathComponent("mail") }
    var logs: URL { folder.appendingPathComponent("logs") }
    var secrets: URL { folder.appendingPathComponent("secrets") }
    var database: URL { folder.appendingPathComponent("database") }
    var broker: URL { folder.appendingPathComponent("kafka") }
    var programs: URL { folder.appendingPathComponent("bin") }
    /// The development authority's root, for verifiers.
    var trust: URL { folder.appendingPathComponent("root.pem") }

    var authorityFolder: URL { keys.appendingPathComponent("ca") }
    func keyFolder(_ service: String) -> URL { keys.appendingPathComponent(service) }
    func passwordFile(_ role: String) -> URL { secrets.appendingPathComponent("\(role).password") }
    func logFile(_ name: String) -> URL { logs.appendingPathComponent("\(name).log") }

    /// The uid of a service, or nil when all run as the caller.
    func user(_ service: String) -> Int? {
        guard separatesUsers, let index = Siblings.services.firstIndex(of: service) else { return nil }
        return Self.firstUser + index
    }

    /// The owner of each service's key folder; empty when all run as the caller.
    var keyOwners: [String: DevelopmentKeys.Owner] {
        Siblings.services.reduce(into: [:]) { owners, service in
            owners[service] = user(service).map { DevelopmentKeys.Owner(user: UInt32($0), group: UInt32($0)) }
        }
    }

    func environment(of service: String) -> [String: String] {
        let prefix = service.uppercased()
        var result = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PARAPH_ENVIRONMENT": "development",
            "PARAPH_LOG_FORMAT": "json",
            "PARAPH_DATABASE_HOST": database.path,
            "PARAPH_DATABASE_PORT": "5432",
            "PARAPH_DATABASE_NAME": "paraph",
            "PARAPH_MESSAGE_LOG": usesKafka ? "kafka" : "postgres",
            "PARAPH_PUBLIC_URL": publicURL,
            "\(prefix)_DATABASE_PASSWORD_FILE": passwordFile("paraph_\(service)").path,
            "\(prefix)_ADMIN_PORT": String(adminPort(service)),
        ]
        if usesKafka { result["PARAPH_KAFKA_BROKERS"] = "127.0.0.1:\(brokerPort)" }
        for (key, value) in specific(to: service) { result[key] = value }
        for (key, value) in overrides where key.hasPrefix("PARAPH_") || key.hasPrefix("\(prefix)_") {
            result[key] = value
        }
        return result
    }

    private func specific(to service: String) -> [String: String] {
        let store = ["PARAPH_OBJECT_STORE": objects.path, "PARAPH_KEY_STORE": keyFolder(service).path]
        switch service {
        case "intake":
            return store.merging([
                "INTAKE_HTTP_HOST": "127.0.0.1", "INTAKE_HTTP_PORT": String(firstPort),
                "INTAKE_VAULT_URL": "http://127.0.0.1:\(vaultPort)", "INTAKE_VERIFY_TRUST": trust.path,
            ]) { $1 }
        case "signer":
            return store.merging([
                "SIGNER_TIMESTAMP_AUTHORITIES": authorityURL + AuthorityPath.timestamp,
                "SIGNER_TIMESTAMP_TRUST": trust.path,
            ]) { $1 }
        case "vault": return store.merging(["VAULT_HTTP_PORT": String(vaultPort)]) { $1 }
        case "notifier":
            return [
                "PARAPH_KEY_STORE": keyFolder(service).path, "NOTIFIER_MAIL_DROP": mail.path,
                "NOTIFIER_MAIL_FROM": "Paraph <paraph@localhost>",
            ]
        default: return [:]
        }
    }
}

extension DevelopmentInstallation {
    /// Whether an environment variable of the caller is handed on to the services: tests and benches tune them so.
    static func isOverride(_ key: String) -> Bool {
        let handedOn = ["PARAPH_TEST_CLOCK_FILE", "PARAPH_LOG_LEVEL", "PARAPH_MESSAGE_LANES"]
        return handedOn.contains(key) || Siblings.services.contains { key.hasPrefix($0.uppercased() + "_") }
    }
}
