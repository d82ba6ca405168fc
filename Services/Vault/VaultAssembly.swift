// SPDX-License-Identifier: Apache-2.0
import Contracts
import FileSystem
import HTTPServer
import Keys
import Messaging
import Metrics
import Postgres
import ServiceAPI
import ServiceKit
import Storage

/// The vault, put together.
enum VaultAssembly {
    static func services(
        _ configuration: VaultConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.vault, configuration: configuration.backbone, environment: environment)
        let folder = try KeyStore(folder: environment.common.keyStore)
        let keys = try folder.dataKeys(ids: environment.ids)
        let root = environment.common.objectStore
        let store = try FilesystemObjectStore(
            root: root, keys: keys, hasImmutableEvidence: configuration.hasImmutableEvidence)
        let metrics = environment.metrics
        let seal = PersonalDataSeal(keys: keys)
        let files = BlockingPool(label: "vault-keys", width: 8)
        let consumer = ServiceRole.vault.consumer
        let log = AuditLog(pool: backbone.pool)
        let appended = AppendedEvents()
        func watch() -> CauseWatch { CauseWatch(consumer: consumer, appended: appended, clock: environment.clock) }
        let audit = AuditIngest(
            watch: watch(), log: log, appended: appended, seal: seal, files: files, clock: environment.clock,
            appendLag: metrics.gauge(
                "paraph_audit_append_lag_seconds", "Age of the oldest event of the batch appended last."),
            outOfOrder: metrics.counter(
                "paraph_audit_out_of_order_total", "Events appended before the one that caused them."))
        let evidence = EvidenceIngest(
            watch: watch(), log: log, store: store, clock: environment.clock, ids: environment.ids)
        let disposal = ArtifactDisposal(
            watch: watch(), log: log, store: store, clock: environment.clock, ids: environment.ids)
        let retrieval = RetrievalRoutes(
            pool: backbone.pool, store: store, seal: seal, files: files,
            identity: try folder.serviceIdentity(service: "vault"), clock: environment.clock)
        let listener = try HTTPListener(
            HTTPListenerConfiguration(
                name: "retrieval", host: configuration.httpHost, port: configuration.httpPort, maximumBodyBytes: 1024),
            router: retrieval.router, logger: environment.logger, metrics: metrics)
        return try backbone.group(
            [
                backbone.messaging.consumer(
                    of: [.auditEvents], preparing: audit, settings: ConsumerSettings(batchSize: 500)),
                backbone.messaging.consumer(
                    of: [.evidenceCommands], effects: evidence,
                    settings: ConsumerSettings(batchSize: 32, concurrency: 2)),
                backbone.messaging.consumer(
                    of: [.retentionCommands], effects: disposal, settings: ConsumerSettings(batchSize: 32)),
                AuditGaps(
                    consumer: consumer, pool: backbone.pool, logger: environment.logger, metrics: metrics),
                listener,
            ],
            checks: [
                ReadinessCheck(name: "evidence_store", isRequired: true) { (try? Volume(at: root)) != nil }
            ])
    }
}
