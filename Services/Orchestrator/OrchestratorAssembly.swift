// SPDX-License-Identifier: Apache-2.0
import Contracts
import Messaging
import Postgres
import ServiceAPI
import ServiceKit

/// The orchestrator, put together.
enum OrchestratorAssembly {
    /// Everything that an envelope hears of; one consumer, so that a batch loads each envelope once.
    static let topics: [Topic] = [.envelopeCommands, .signingResults, .notificationEvents, .evidenceEvents]

    static func services(
        _ configuration: OrchestratorConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.orchestrator, configuration: configuration.backbone, environment: environment)
        let coordinator = EnvelopeCoordinator(ids: environment.ids, metrics: WorkflowMetrics(environment.metrics))
        let sweep = EnvelopeSweep(
            pool: backbone.pool, coordinator: coordinator, outbox: backbone.messaging.outbox, clock: environment.clock,
            logger: environment.logger, intervalSeconds: configuration.timerIntervalSeconds)
        return try backbone.group([
            DeadlineScheduler(sweep: sweep, graceSeconds: configuration.expiryGraceSeconds),
            ReconciliationSweep(sweep: sweep, patienceSeconds: configuration.reissueSeconds),
            backbone.messaging.consumer(
                of: topics, handler: coordinator,
                settings: ConsumerSettings(
                    batchSize: configuration.batchSize, concurrency: configuration.concurrency)),
        ])
    }
}
