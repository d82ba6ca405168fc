// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Foundation
import HTTPClient
import HTTPServer
import Idempotency
import Keys
import Messaging
import Postgres
import ServiceAPI
import ServiceKit
import Storage

/// The intake service, put together.
enum IntakeAssembly {
    static func services(
        _ configuration: IntakeConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.intake, configuration: configuration.backbone, environment: environment)
        let application = try IntakeApplication(configuration, environment, backbone)
        let root = environment.common.objectStore
        return try backbone.group(
            application.services,
            checks: [ReadinessCheck(name: "object_store", isRequired: false) { (try? Volume(at: root)) != nil }])
    }
}

/// Intake's own parts, so that tests can reach the listener's port.
struct IntakeApplication: Sendable {
    let context: IntakeContext
    let listener: HTTPListener
    /// `paraph-verifier` lies beside this executable.
    private static var verifierProgram: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("paraph-verifier").path
    }

    /// In the order of needs, for the group.
    let services: [any Service]

    init(
        _ configuration: IntakeConfiguration, _ environment: ServiceEnvironment, _ backbone: Backbone
    ) throws {
        let keys = try KeyStore(folder: environment.common.keyStore)
        let objects = try FilesystemObjectStore(
            root: environment.common.objectStore, keys: try keys.dataKeys(ids: environment.ids))
        let backPressure = backbone.messaging.backPressure
        let admission = Admission(
            pressure: { backPressure.status }, folder: environment.common.objectStore, metrics: environment.metrics)
        var publicURL = environment.common.publicURL
        while publicURL.last == "/" { publicURL.removeLast() }
        let pool = backbone.pool
        context = IntakeContext(
            pool: pool, store: IntakeStore(pool: pool, linkKey: try keys.linkKey()), outbox: backbone.messaging.outbox,
            waiters: EnvelopeWaiters(), objects: objects,
            vault: VaultClient(
                session: try HTTPSession(), url: configuration.vaultURL,
                identity: try keys.serviceIdentity(service: "intake"), clock: environment.clock),
            admission: admission, proxies: configuration.trustedProxies, clock: environment.clock,
            ids: environment.ids, logger: environment.logger, publicURL: publicURL)
        let idempotency = IdempotencyStore(pool: pool, clock: environment.clock, ids: environment.ids)
        let denials = DenialRecorder(
            pool: pool, outbox: context.outbox, clock: environment.clock, ids: environment.ids,
            logger: environment.logger)
        let guardian = AccessGuard(
            accounts: AccountStore(pool: pool), denials: denials,
            writes: RateLimiter(perSecond: configuration.writesPerSecond),
            reads: RateLimiter(perSecond: configuration.readsPerSecond), proxies: configuration.trustedProxies,
            clock: environment.clock)
        let api = APIRoutes(
            context: context, access: guardian,
            idempotency: IdempotencyMiddleware(store: idempotency, logger: environment.logger),
            verifier: DocumentVerifier(
                program: Self.verifierProgram, trust: configuration.verifyTrust,
                pool: BlockingPool(label: "intake-verify", width: 2)))
        var router = Router { IntakeFallback.respond(to: $0, $1) }
        api.add(to: &router)
        SigningRoutes(context: context).add(to: &router)
        listener = try HTTPListener(
            HTTPListenerConfiguration(
                name: "public", host: configuration.httpHost, port: configuration.httpPort,
                maximumBodyBytes: Limits.requestBytes, threads: configuration.httpThreads),
            router: router, logger: environment.logger, metrics: environment.metrics)
        let readModel = ReadModelHandler(store: context.store, waiters: context.waiters)
        services = [
            admission, denials, IdempotencyPruner(store: idempotency, logger: environment.logger),
            UploadPruner(pool: pool, clock: environment.clock, logger: environment.logger),
            backbone.messaging.consumer(of: ReadModelHandler.topics, handler: readModel), listener,
        ]
    }
}
