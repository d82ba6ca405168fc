// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Configuration
import HTTPClient
import Logging
import Messaging
import Metrics
import Postgres
import ServiceAPI
import ServiceKit
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct BackboneTests {
    private func backbone(_ role: ServiceRole) async throws -> (Backbone, port: Int) {
        let database = try await TestPostgres.database()
        let configuration = database.configuration(for: role)
        try await database.migrate(role, [(name: "messaging", migrations: MessagingMigrations.all)])
        let owner = database.ownerPool(of: role)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        var common = ConfigurationReader(environment: [
            "PARAPH_DATABASE_HOST": configuration.host, "PARAPH_DATABASE_NAME": database.name,
        ])
        let environment = ServiceEnvironment(
            name: role.consumer, clock: .system, ids: .uuidv7(clock: .system), logger: .disabled,
            metrics: MetricsRegistry(), common: CommonConfiguration(reader: &common))
        let port = try Self.freePort()
        var reader = ConfigurationReader(environment: ["TEST_ADMIN_PORT": "\(port)", "TEST_DRAIN_SECONDS": "20"])
        return (
            try Backbone(
                role, configuration: BackboneConfiguration(reader: &reader, prefix: "TEST_"), environment: environment),
            port
        )
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        var reader = ConfigurationReader(environment: [:])
        return try AdminListener(
            port: 0, checks: [],
            environment: ServiceEnvironment(
                name: "probe", clock: .system, ids: .uuidv7(clock: .system), logger: .disabled,
                metrics: MetricsRegistry(), common: CommonConfiguration(reader: &reader))
        ).port
    }

    private struct Lingering: Service {
        let name = "lingering"
        let release: ShutdownSignal

        func run(until shutdown: ShutdownSignal) async throws {
            await shutdown.wait()
            await release.wait()
        }
    }

    private func readiness(_ port: Int) async -> (status: Int, word: String?)? {
        let request = HTTPClientRequest(method: "GET", url: "http://127.0.0.1:\(port)/readyz")
        guard let response = try? await HTTPSession().send(request) else { return nil }
        return (response.status, (try? JSONValue(parsing: response.body))?["status"]?.stringValue)
    }

    @Test func `a service is ready with its database, and says that it stops while it still finishes its work`()
        async throws
    {
        let (backbone, port) = try await backbone(.retention)
        let release = ShutdownSignal()
        let isHealthy = Mutex(true)
        let group = try backbone.group(
            [Lingering(release: release)],
            checks: [ReadinessCheck(name: "extra", isRequired: false) { isHealthy.withLock { $0 } }])
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually { await readiness(port)?.word == "ok" }
            isHealthy.withLock { $0 = false }
            #expect(await readiness(port)?.status == 200)
            #expect(await readiness(port)?.word == "degraded")
            group.shutdown.trigger()
            try await eventually { await readiness(port)?.word == "stopping" }
            #expect(await readiness(port)?.status == 503)
            release.trigger()
            try await tasks.waitForAll()
        }
    }
}
