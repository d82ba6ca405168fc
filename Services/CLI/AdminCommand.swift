// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Logging
import Postgres

/// `paraph admin`: the database's set-up, and tenants, accounts and tokens by way of the service that owns them.
enum AdminCommand: Command {
    static let name = "admin"
    static let summary = "set up the database; make tenants, service accounts and tokens"
    static let usage = """
        usage: paraph admin bootstrap --passwords DIR [--superuser NAME]
               paraph admin migrate [--check]
               paraph admin tenant create --name NAME [--organisation NAME] [--level b-b|b-t|b-lt|b-lta] [--test]
               paraph admin tenant level --tenant ID --level b-b|b-t|b-lt|b-lta
               paraph admin account create --tenant ID --name NAME --scopes SCOPE,...
               paraph admin token create --account ID [--days 90]
               paraph admin token revoke --token-id ID

        bootstrap  makes the roles (one per service, and paraph_owner), the database and a schema per service; run it
                   once, as a PostgreSQL superuser, and again whenever passwords change. DIR holds ROLE.password files.
        migrate    applies what is pending in every schema, in order, under an advisory lock; --check only lists it
                   and ends with 1 when something is pending. PARAPH_OWNER_PASSWORD_FILE names paraph_owner's password.

        PARAPH_DATABASE_HOST, PARAPH_DATABASE_PORT and PARAPH_DATABASE_NAME say where the database is;
        PARAPH_SUPERUSER_PASSWORD_FILE names the superuser's password for bootstrap.
        """

    static func run(_ words: [String]) async throws -> Int32 {
        switch words.first {
        case "bootstrap": return try await bootstrap(Array(words.dropFirst()))
        case "migrate": return try migrate(Array(words.dropFirst()))
        case "tenant", "account", "token": return try Siblings.run("intake", ["admin"] + words)
        default: throw UsageError(message: "say what to do: bootstrap, migrate, tenant, account or token")
        }
    }

    private static func migrate(_ words: [String]) throws -> Int32 {
        let arguments = try Arguments(words, flags: ["check"])
        guard arguments.positional.isEmpty else { throw UsageError(message: "migrate takes no other words") }
        var worst: Int32 = 0
        for service in Siblings.services {
            let code = try Siblings.run(service, ["migrate"] + (arguments.has("check") ? ["--check"] : []))
            if code != 0, !arguments.has("check") {
                throw CommandFailure(
                    "paraph-\(service) migrate ended with \(code): see its message above", exitCode: code)
            }
            worst = max(worst, code)
        }
        return worst
    }

    private static func bootstrap(_ words: [String]) async throws -> Int32 {
        let arguments = try Arguments(words, options: ["passwords", "superuser"])
        guard let folder = arguments["passwords"] else { throw UsageError(message: "--passwords DIR is missing") }
        let environment = ProcessInfo.processInfo.environment
        try await DatabaseSetUp.run(
            host: environment["PARAPH_DATABASE_HOST"] ?? "127.0.0.1",
            port: environment["PARAPH_DATABASE_PORT"].flatMap(Int.init) ?? 5432,
            superuser: arguments["superuser"] ?? "postgres",
            superuserPasswordFile: environment["PARAPH_SUPERUSER_PASSWORD_FILE"], passwordFolder: folder)
        Terminal.say("The database, its roles and schemas are ready. Next: paraph admin migrate")
        return 0
    }
}
