// SPDX-License-Identifier: Apache-2.0
package import Messaging
package import Postgres
package import ServiceKit

/// What every service has once: pool, message log, outbox, admin listener; a service adds its own parts to it.
package final class Backbone: Sendable {
    package let role: ServiceRole
    package let environment: ServiceEnvironment
    package let pool: PostgresPool
    package let messaging: MessagingRuntime
    private let configuration: BackboneConfiguration

    /// Opens no connection yet.
    ///
    /// - Throws: `ServiceExit` when the settings do not fit together.
    package init(
        _ role: ServiceRole, configuration: BackboneConfiguration, environment: ServiceEnvironment
    ) throws {
        self.role = role
        self.configuration = configuration
        self.environment = environment
        pool = PostgresPool(
            Self.database(role, configuration: configuration, environment: environment), logger: environment.logger,
            metrics: environment.metrics)
        messaging = try MessagingRuntime(role, pool: pool, environment: environment)
    }

    /// The service's own role at the database that the environment names.
    package static func database(
        _ role: ServiceRole, configuration: BackboneConfiguration, environment: ServiceEnvironment
    ) -> PostgresConfiguration {
        let database = environment.common.database
        return PostgresConfiguration(
            host: database.host, port: database.port, database: database.name, user: role.name,
            password: configuration.databasePassword, applicationName: environment.name, schema: role.schema,
            poolSize: configuration.databasePool)
    }

    /// The whole process, in the order of needs: pool, messaging, the service's own parts, admin listener.
    ///
    /// - Parameters:
    ///   - services: The service's own parts, a later one may use an earlier one.
    ///   - checks: What `/readyz` looks at besides the database.
    /// - Throws: `HTTPServerError` when the admin port is taken.
    package func group(_ services: [any Service], checks: [ReadinessCheck] = []) throws -> ServiceGroup {
        let admin = try AdminListener(
            port: configuration.adminPort, checks: [databaseCheck] + checks, environment: environment)
        return ServiceGroup(
            services: [pool] + messaging.services + [admin] + services + [admin.stopNotice],
            logger: environment.logger,
            drainDeadlineSeconds: configuration.drainSeconds)
    }

    private var databaseCheck: ReadinessCheck {
        let pool = pool
        return ReadinessCheck(name: "database", isRequired: true) {
            (try? await pool.execute(PostgresStatement("select 1"))) != nil
        }
    }
}
