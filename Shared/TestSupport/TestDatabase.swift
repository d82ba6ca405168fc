// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
package import Postgres

/// One database of a test server with its roles and schemas; it goes away with the server.
package struct TestDatabase: Sendable {
    /// The database's name on its server.
    package let name: String
    /// The server, to crash or restart if it is the test's own.
    package let server: TestPostgres

    /// Access as a service's role, with the service's schema as search path.
    package func configuration(for role: ServiceRole, poolSize: Int = 4) -> PostgresConfiguration {
        configuration(user: role.name, schema: role.schema, poolSize: poolSize)
    }

    /// Access as the owner, in a service's schema.
    package func ownerConfiguration(of role: ServiceRole) -> PostgresConfiguration {
        configuration(user: ServiceRole.owner, schema: role.schema, poolSize: 2)
    }

    /// A superuser's access to this database.
    package var administrator: PostgresConfiguration { server.administrator.with(database: name) }

    /// A pool as a service's role.
    package func pool(_ role: ServiceRole, size: Int = 4) -> PostgresPool {
        PostgresPool(configuration(for: role, poolSize: size), logger: .disabled, metrics: MetricsRegistry())
    }

    /// A pool as the owner, in a service's schema.
    package func ownerPool(of role: ServiceRole) -> PostgresPool {
        PostgresPool(ownerConfiguration(of: role), logger: .disabled, metrics: MetricsRegistry())
    }

    /// Applies migrations to a service's schema as the owner.
    @discardableResult
    package func migrate(
        _ role: ServiceRole, _ sets: [(name: String, migrations: [Migration])]
    ) async throws -> MigrationReport {
        try await Migrator.run(schema: role.schema, sets: sets, owner: ownerConfiguration(of: role))
    }

    private func configuration(user: String, schema: String, poolSize: Int) -> PostgresConfiguration {
        PostgresConfiguration(
            host: server.socketDirectory, database: name, user: user, applicationName: "paraph-test",
            schema: schema, poolSize: poolSize)
    }
}
