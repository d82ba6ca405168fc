// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Postgres

/// Roles, database and schemas, made as the superuser.
enum DatabaseSetUp {
    /// Sets the passwords that stand in `passwordFolder/ROLE.password`; a role without a file keeps what it has.
    ///
    /// - Throws: `CommandFailure` or `PostgresError`.
    static func run(
        host: String, port: Int, superuser: String, superuserPasswordFile: String?, passwordFolder: String
    ) async throws {
        var passwords: [String: Secret] = [:]
        for role in [ServiceRole.owner] + ServiceRole.allCases.map(\.name) {
            passwords[role] = try secret(at: "\(passwordFolder)/\(role).password")
        }
        guard !passwords.isEmpty else {
            throw CommandFailure("\(passwordFolder) holds no ROLE.password file, such as paraph_intake.password")
        }
        let configuration = PostgresConfiguration(
            host: host, port: port, database: "postgres", user: superuser,
            password: try superuserPasswordFile.flatMap(secret), applicationName: "paraph", schema: "public")
        try await DatabaseBootstrap.run(configuration, passwords: passwords)
    }

    private static func secret(at path: String) throws -> Secret? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { throw CommandFailure("cannot read \(path)") }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
        return Secret(Array(text.utf8))
    }
}
