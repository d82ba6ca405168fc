// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Envelopes
import Foundation
import Messaging
import Postgres
import ServiceAPI
import ServiceKit

/// `paraph-intake admin …`: tenants, their service accounts, and the accounts' tokens.
enum AdminCommand {
    private static let usage = """
        admin tenant create --name NAME [--organisation NAME] [--level b-b|b-t|b-lt|b-lta] [--test] [--json]
        admin tenant level --tenant ID --level b-b|b-t|b-lt|b-lta [--json]
        admin account create --tenant ID --name NAME --scopes SCOPE,... [--json]
        admin token create --account ID [--days 90] [--json]
        admin token revoke --token-id ID [--json]
        """

    static func make() -> ServiceSubcommand<IntakeConfiguration> {
        ServiceSubcommand(name: "admin", usage: usage) { configuration, environment, words in
            let backbone = try Backbone(.intake, configuration: configuration.backbone, environment: environment)
            let directory = TenantDirectory(
                pool: backbone.pool, outbox: backbone.messaging.outbox, clock: environment.clock, ids: environment.ids)
            do {
                try await run(words, directory)
            } catch {
                await backbone.pool.close()
                throw error
            }
            await backbone.pool.close()
        }
    }

    private static func run(_ words: [String], _ directory: TenantDirectory) async throws {
        let options = try AdminOptions(Array(words.dropFirst(2)))
        switch Array(words.prefix(2)) {
        case ["tenant", "create"]:
            try options.check(["name", "organisation", "level", "test", "json"])
            let name = try options.text("name", maximum: Limits.nameCharacters)
            let organisation = try options.given("organisation") ?? name
            let id = try await directory.createTenant(
                name: name, organisation: organisation, isLive: !options.has("test"),
                level: try options.has("level") ? options.level() : .basic)
            options.print(["tenant_id": .string(id.description)], plain: id.description)
        case ["tenant", "level"]:
            try options.check(["tenant", "level", "json"])
            let tenant = TenantID(try options.id("tenant"))
            let level = try options.level()
            try await directory.setLevel(level, of: tenant)
            options.print(
                ["tenant_id": .string(tenant.description), "pades_level": .string(level.rawValue)],
                plain: "New envelopes are signed to \(level.rawValue), within two seconds.")
        case ["account", "create"]:
            try options.check(["tenant", "name", "scopes", "json"])
            let id = try await directory.createAccount(
                tenant: TenantID(try options.id("tenant")),
                name: try options.text("name", maximum: Limits.nameCharacters),
                scopes: try scopes(options.text("scopes", maximum: 1000)))
            options.print(["account_id": .string(id.description)], plain: id.description)
        case ["token", "create"]:
            try options.check(["account", "days", "json"])
            let text = try options.given("days") ?? "90"
            guard let days = Int(text), (1...365).contains(days) else {
                throw ServiceExit(.usage, "--days takes a number from 1 to 365")
            }
            let made = try await directory.createToken(account: ServiceAccountID(try options.id("account")), days: days)
            options.print(
                [
                    "token": .string(made.token.text), "token_id": .string(made.id.text),
                    "expires_at": EnvelopeText.time(made.expiresAt),
                ], plain: made.token.text)
        case ["token", "revoke"]:
            try options.check(["token-id", "json"])
            let id = try options.id("token-id")
            try await directory.revokeToken(id)
            options.print(
                ["token_id": .string(id.text), "revoked": true], plain: "The token is dead within two seconds.")
        default: throw ServiceExit(.usage, "usage:\n\(usage)")
        }
    }

    private static func scopes(_ text: String) throws -> Set<Scope> {
        var scopes: Set<Scope> = []
        for word in text.split(separator: ",") {
            guard let scope = Scope(rawValue: String(word)) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw ServiceExit(.usage, "there is no scope \(word); known are \(known)")
            }
            scopes.insert(scope)
        }
        guard !scopes.isEmpty else { throw ServiceExit(.usage, "--scopes names at least one scope") }
        return scopes
    }
}

/// Words of the form `--name value`, and the flags `--json` and `--test`.
private struct AdminOptions {
    private var values: [String: String] = [:]

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw ServiceExit(.usage, "\(word) is not expected here") }
            let name = String(word.dropFirst(2))
            if name == "json" || name == "test" {
                values[name] = ""
            } else {
                guard let value = rest.popFirst() else { throw ServiceExit(.usage, "--\(name) needs a value") }
                values[name] = value
            }
        }
    }

    func check(_ allowed: Set<String>) throws {
        for name in values.keys.sorted() where !allowed.contains(name) {
            throw ServiceExit(.usage, "--\(name) is not known here")
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func given(_ name: String) throws -> String? { values[name] == nil ? nil : try text(name, maximum: 1000) }

    func text(_ name: String, maximum: Int) throws -> String {
        guard let value = values[name], (1...maximum).contains(value.unicodeScalars.count),
            value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw ServiceExit(.usage, "--\(name) needs 1 to \(maximum) characters") }
        return value
    }

    func id(_ name: String) throws -> UUID {
        guard let id = UUID(text: try text(name, maximum: 36)) else {
            throw ServiceExit(.usage, "--\(name) needs an id")
        }
        return id
    }

    func level() throws -> PAdESLevel {
        guard let level = PAdESLevel(rawValue: try text("level", maximum: 5).uppercased()) else {
            throw ServiceExit(.usage, "--level takes b-b, b-t, b-lt or b-lta")
        }
        return level
    }

    func print(_ json: JSONValue, plain: String) {
        Swift.print(has("json") ? String(decoding: json.canonicalBytes(), as: UTF8.self) : plain)
    }
}
