// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import HTTPServer
import Metrics
package import ServiceKit
import Synchronization

/// `/livez`, `/readyz` and `/metrics` on loopback, for operators and their tools.
package final class AdminListener: Service {
    private static let patienceSeconds = 2.0

    package let name = "admin"
    private let listener: HTTPListener
    private let flag: StopFlag

    /// - Throws: `HTTPServerError` when the port is taken.
    package init(port: Int, checks: [ReadinessCheck], environment: ServiceEnvironment) throws {
        let metrics = environment.metrics
        let stopping = StopFlag()
        var router = Router()
        router.on(.get, "/livez") { _ in .text("ok\n") }
        router.on(.get, "/metrics") { _ in
            .text(metrics.prometheusText(), contentType: MetricsRegistry.contentType)
        }
        router.on(.get, "/readyz") { _ in await Self.readiness(checks, isStopping: stopping.isSet) }
        var configuration = HTTPListenerConfiguration(
            name: "admin", port: port, maximumBodyBytes: 1024, threads: 1, requestTimeoutSeconds: 10)
        configuration.connectionMemoryBytes = 32_768
        configuration.maximumConnections = 64
        listener = try HTTPListener(
            configuration, router: router, logger: environment.logger, metrics: environment.metrics)
        flag = stopping
    }

    /// The bound port, for tests that asked for any.
    package var port: Int { listener.port }

    /// Makes `/readyz` answer 503 as soon as the process begins to stop, while the listener is still there to say so:
    /// list it last, because the last one is told first.
    package var stopNotice: any Service { StopNotice(flag: flag) }

    package func run(until shutdown: ShutdownSignal) async throws {
        try await listener.run(until: shutdown)
    }

    /// 200 with `ok` or `degraded`, 503 with `unavailable`; the checks by name, so that an operator sees which.
    private static func readiness(_ checks: [ReadinessCheck], isStopping: Bool) async -> HTTPResponse {
        let results = await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await passes(check)) }
            }
            var results = [Bool](repeating: false, count: checks.count)
            for await (index, result) in group { results[index] = result }
            return results
        }
        let isAvailable = !isStopping && zip(checks, results).allSatisfy { $1 || !$0.isRequired }
        let status =
            isStopping ? "stopping" : !isAvailable ? "unavailable" : results.contains(false) ? "degraded" : "ok"
        let body = JSONValue.object([
            "status": .string(status),
            "checks": .object(
                Dictionary(
                    zip(checks, results).map { ($0.name, .string($1 ? "ok" : "failing")) },
                    uniquingKeysWith: { first, _ in first })),
        ])
        return HTTPResponse(
            status: isAvailable ? 200 : 503, headers: [("Content-Type", "application/json")],
            body: .bytes(body.canonicalBytes()))
    }

    private static func passes(_ check: ReadinessCheck) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await check.check() }
            group.addTask {
                try? await Task.sleep(for: .seconds(patienceSeconds))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}

/// Set once, when the process begins to stop.
private final class StopFlag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

/// Does nothing until shutdown.
private struct StopNotice: Service {
    let name = "admin.stop-notice"
    let flag: StopFlag

    func run(until shutdown: ShutdownSignal) async throws {
        await shutdown.wait()
        flag.set()
    }
}
