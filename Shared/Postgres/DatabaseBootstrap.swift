// SPDX-License-Identifier: Apache-2.0

package import Configuration
import ServiceKit

/// Creates what has to be there before the first migration: roles, the database, its schemas and their grants.
package enum DatabaseBootstrap {
    /// Brings a server to that state; what is there already stays, and passwords are set anew.
    ///
    /// - Parameters:
    ///   - admin: A superuser's access to the maintenance database, usually `postgres`.
    ///   - passwords: By role name; a role that is not named keeps the password it has, or none.
    ///   - database: The database to create.
    /// - Throws: `PostgresError`.
    package static func run(
        _ admin: PostgresConfiguration, passwords: [String: Secret], database: String = "paraph"
    ) async throws {
        let roles = [ServiceRole.owner] + ServiceRole.allCases.map(\.name)
        if let unknown = passwords.keys.first(where: { !roles.contains($0) }) {
            let known = roles.joined(separator: ", ")
            throw PostgresError(.misuse, "there is no role \"\(unknown)\"; the roles are \(known)")
        }
        let database = try SQLIdentifier(database).text
        var admin = admin
        admin.schema = "pg_catalog"
        // It may have to wait for another one of these.
        admin.lockTimeoutSeconds = 0
        admin.statementTimeoutSeconds = 0
        let (maintenance, target) = (admin, admin.with(database: database))
        try await BlockingExecutor(label: "paraph.postgres.bootstrap").run {
            let server = try PostgresConnection(maintenance)
            // Held until the connection closes, so that two of these do not meet.
            try server.script("select pg_advisory_lock(hashtext('paraph.bootstrap'))")
            try createRoles(roles, passwords, server)
            try createDatabase(database, server)
            try PostgresConnection(target).script(schemas(of: database))
        }
    }

    private static func createRoles(
        _ roles: [String], _ passwords: [String: Secret], _ server: PostgresConnection
    ) throws(PostgresError) {
        for role in roles {
            try server.script(
                """
                do $$ begin
                    if not exists (select from pg_roles where rolname = '\(role)') then
                        create role \(role) login nosuperuser nocreatedb nocreaterole;
                    end if;
                end $$
                """)
            guard let password = passwords[role] else { continue }
            let verifier = try server.passwordVerifier(password.text, user: role)
            let literal = verifier.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            try server.script("alter role \(role) login password '\(literal)'")
        }
    }

    private static func createDatabase(_ database: String, _ server: PostgresConnection) throws(PostgresError) {
        var lookup = PipelineExchange(server, statementCount: 1, commits: false)
        let found = try lookup.run([
            PostgresStatement("select 1 from pg_database where datname = $1", [.text(database)])
        ])
        guard found.first?.rows.isEmpty ?? true else { return }
        // Byte order sorts fast and alike everywhere; letters are classified as Unicode has them.
        try server.script(
            """
            create database \(database) owner \(ServiceRole.owner) template template0
                encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'
            """)
    }

    private static func schemas(of database: String) -> String {
        let perService = ServiceRole.allCases.map { role in
            """
            create schema if not exists \(role.schema) authorization \(ServiceRole.owner);
            grant usage on schema \(role.schema) to \(role.name);
            grant connect on database \(database) to \(role.name);
            """
        }
        return """
            revoke all on database \(database) from public;
            revoke all on schema public from public;
            \(perService.joined(separator: "\n"))
            """
    }
}

extension PostgresConfiguration {
    /// The same access to another database of the server.
    package func with(database: String) -> PostgresConfiguration {
        var copy = self
        copy.database = database
        return copy
    }
}
