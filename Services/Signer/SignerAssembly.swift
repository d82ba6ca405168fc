// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import HTTPClient
import Keys
import Messaging
import Metrics
import Postgres
import Revocation
import ServiceAPI
import ServiceKit
import Storage

/// The signer, put together.
enum SignerAssembly {
    static func services(
        _ configuration: SignerConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.signer, configuration: configuration.backbone, environment: environment)
        let keys = try KeyStore(folder: environment.common.keyStore)
        let store = try FilesystemObjectStore(
            root: environment.common.objectStore, keys: try keys.dataKeys(ids: environment.ids))
        let metrics = environment.metrics
        let seals = try TenantSeals(
            keys: keys, clock: environment.clock, logger: environment.logger,
            keyOperations: metrics.counter(
                "paraph_signing_key_operations_total", "Uses of signing keys, stored signatures or not."))
        let depth = metrics.gauge("paraph_signing_queue_depth", "Jobs taken by this worker and not yet stored.")
        let signatures = metrics.counter(
            "paraph_signatures_total", "Signing jobs by what came of them.", labels: ["outcome", "code"])
        watchKeys(of: seals, clock: environment.clock, in: metrics)
        let maker = RevisionMaker(
            store: store, seals: seals, notes: SignatureNotes(pool: backbone.pool),
            authorities: try authorities(configuration, environment), clock: environment.clock)
        let raises = metrics.counter(
            "paraph_raises_total", "Attempts to raise a document to its policy's level.", labels: ["outcome"])
        func consumer(of topic: Topic) -> any Service {
            let handler = SigningJobHandler(
                pool: SigningPool(maker: maker, threads: configuration.threads, depth: depth),
                instance: environment.ids.next().uuidString.lowercased(), clock: environment.clock,
                ids: environment.ids, signatures: signatures, raises: raises)
            return backbone.messaging.consumer(
                of: [topic], effects: handler,
                settings: ConsumerSettings(batchSize: configuration.batchSize, concurrency: 2))
        }
        return try backbone.group(
            [
                consumer(of: .signingJobs), consumer(of: .signingRaises),
                KeyWatch(
                    seals: seals, pool: backbone.pool, outbox: backbone.messaging.outbox, clock: environment.clock,
                    ids: environment.ids, logger: environment.logger,
                    intervalSeconds: configuration.keyWatchSeconds),
            ],
            checks: [ReadinessCheck(name: "key_store", isRequired: true) { seals.isReachable }])
    }

    /// Certificates name where to ask about them, and may name this machine only where authorities of development do.
    private static func authorities(
        _ configuration: SignerConfiguration, _ environment: ServiceEnvironment
    ) throws -> SigningAuthorities {
        var revocation = RevocationConfiguration()
        revocation.refusesInternalAddresses = environment.common.environment != .development
        return SigningAuthorities(
            timestamps: configuration.timestamps, revocation: revocation,
            budgetSeconds: configuration.timestampBudgetSeconds, session: try HTTPSession(), clock: environment.clock,
            outcomes: environment.metrics.counter(
                "paraph_timestamps_total", "Timestamps that were wanted, by what came of them.", labels: ["outcome"]))
    }

    /// The soonest end of any active key, looked up at each scrape; no tenant is named.
    private static func watchKeys(of seals: TenantSeals, clock: BusinessClock, in metrics: MetricsRegistry) {
        @Sendable func soonest(_ end: (RegisteredKey) -> Instant) -> [MetricsRegistry.Sample] {
            let active = ((try? seals.registers()) ?? []).flatMap { $0.register.keys }.filter { $0.state == .active }
            guard let first = active.map(end).min() else { return [] }
            return [.init(first.seconds(since: clock.now()))]
        }
        metrics.gauge(
            "paraph_certificate_expiry_seconds", "Time until the first certificate chain of an active key ends."
        ) { soonest(\.notAfter) }
        metrics.gauge(
            "paraph_key_rotation_due_seconds", "Time until the first cryptoperiod of an active key ends."
        ) { soonest(\.rotateBy) }
    }
}
