// SPDX-License-Identifier: Apache-2.0
import Messaging
package import Postgres
package import ServiceKit

/// A service's schema: messaging first, then what the service adds.
package enum BackboneMigrations {
    /// Applies what is pending as the database's owner, and lets the readers of this service's topics see its outbox.
    ///
    /// - Throws: `ServiceExit(.configuration, …)` when only a check was asked for and something is pending.
    package static func run(
        _ role: ServiceRole, sets: [(name: String, migrations: [Migration])], request: MigrationRequest
    ) async throws {
        let owner = PostgresConfiguration(
            host: request.database.host, port: request.database.port, database: request.database.name,
            user: ServiceRole.owner, password: request.ownerPassword,
            applicationName: "\(request.environment.name) migrate",
            schema: role.schema, poolSize: 2)
        let all = [(name: "messaging", migrations: MessagingMigrations.all)] + sets
        let report = try await Migrator.run(
            schema: role.schema, sets: all, owner: owner, checkOnly: request.checkOnly)
        if request.checkOnly {
            guard report.pending.isEmpty else {
                throw ServiceExit(.configuration, "pending: \(report.pending.joined(separator: ", "))")
            }
            return
        }
        let pool = PostgresPool(owner, logger: request.environment.logger, metrics: request.environment.metrics)
        do {
            try await MessagingMigrations.connect(as: pool)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }
}
