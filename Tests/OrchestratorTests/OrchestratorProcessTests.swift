// SPDX-License-Identifier: Apache-2.0
import Clocks
import Configuration
import Contracts
import Envelopes
import Foundation
import Logging
import Messaging
import Metrics
import Postgres
import ServiceKit
import TestSupport
import Testing
import Tracing

@testable import Orchestrator

@Suite struct OrchestratorProcessTests {
    @Test func `WF-06: the assembled service answers a command from intake's outbox and stops gracefully`() async throws
    {
        let database = try await TestPostgres.database()
        try await database.migrate(
            .orchestrator, [("messaging", MessagingMigrations.all), ("orchestrator", OrchestratorMigrations.all)])
        for role in [ServiceRole.intake, .signer, .notifier, .vault] {
            try await database.migrate(role, [("messaging", MessagingMigrations.all)])
        }
        let owner = database.ownerPool(of: .orchestrator)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()

        let draft = OrchestratorFixture.sampleDraft()
        let intake = database.pool(.intake)
        let outbox = OutboxWriter(producer: "intake", clock: .system, wakeUp: WakeUp(pool: intake))
        let command = CreateEnvelopeV1(
            tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestedBy: .system("test"), envelope: draft)
        try await intake.withTransaction { transaction in
            let message = try OutgoingMessage(
                command, key: draft.envelopeID.uuid, tenantID: draft.tenantID.uuid)
            _ = try await outbox.write([Act(messages: [message])], in: transaction)
        }
        await intake.close()

        let environment = try Self.environment(database)
        var reader = ConfigurationReader(environment: ["ORCHESTRATOR_ADMIN_PORT": "0"])
        let configuration = OrchestratorConfiguration(reader: &reader)
        let group = try await OrchestratorAssembly.services(configuration, environment)
        let observer = database.pool(.orchestrator, size: 1)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually {
                let rows = try await observer.execute(
                    PostgresStatement("select count(*) from outbox where topic = 'signing.jobs.v1'")
                ).rows
                return try rows.first?.int(0) == 1
            }
            group.shutdown.trigger()
            try await tasks.waitForAll()
        }
        await observer.close()
        #expect(environment.metrics.prometheusText().contains(#"paraph_envelopes_total{status="draft"} 1"#))
    }

    private static func environment(_ database: TestDatabase) throws -> ServiceEnvironment {
        var reader = ConfigurationReader(environment: [
            "PARAPH_DATABASE_HOST": database.server.socketDirectory, "PARAPH_DATABASE_NAME": database.name,
        ])
        let common = CommonConfiguration(reader: &reader)
        try reader.finish()
        return ServiceEnvironment(
            name: "paraph-orchestrator", clock: .system, ids: .uuidv7(clock: .system), logger: .disabled,
            metrics: MetricsRegistry(), common: common)
    }
}
