// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Configuration
import HTTPClient
import Logging
import Metrics
import ServiceAPI
import ServiceKit
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AdminListenerTests {
    private func environment() -> ServiceEnvironment {
        var reader = ConfigurationReader(environment: [:])
        return ServiceEnvironment(
            name: "paraph-test", clock: .system, ids: .uuidv7(clock: .system), logger: .disabled,
            metrics: MetricsRegistry(), common: CommonConfiguration(reader: &reader))
    }

    private func serving(
        _ checks: [ReadinessCheck], _ body: @Sendable @escaping (Int, ServiceEnvironment) async throws -> Void
    ) async throws {
        let environment = environment()
        let admin = try AdminListener(port: 0, checks: checks, environment: environment)
        let shutdown = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await admin.run(until: shutdown) }
            group.addTask {
                defer { shutdown.trigger() }
                try await body(admin.port, environment)
            }
            try await group.waitForAll()
        }
    }

    private func get(_ path: String, _ port: Int) async throws -> HTTPClientResponse {
        try await HTTPSession().send(HTTPClientRequest(method: "GET", url: "http://127.0.0.1:\(port)\(path)"))
    }

    @Test(
        arguments: [
            ([], 200, "ok"), ([("database", true, true)], 200, "ok"),
            ([("database", true, true), ("kafka", false, false)], 200, "degraded"),
            ([("database", true, false), ("kafka", false, true)], 503, "unavailable"),
        ] as [([(String, Bool, Bool)], Int, String)])
    func `readyz is 503 only for what the service cannot work without`(
        checks: [(String, Bool, Bool)], status: Int, word: String
    ) async throws {
        let all = checks.map { name, isRequired, passes in
            ReadinessCheck(name: name, isRequired: isRequired) { passes }
        }
        try await serving(all) { port, _ in
            let response = try await get("/readyz", port)
            #expect(response.status == status)
            let body = try JSONValue(parsing: response.body)
            #expect(body["status"]?.stringValue == word)
            for (name, _, passes) in checks {
                #expect(body["checks"]?[name]?.stringValue == (passes ? "ok" : "failing"))
            }
        }
    }

    @Test func `livez never looks outside the process`() async throws {
        let check = ReadinessCheck(name: "database", isRequired: true) {
            Issue.record("a check ran")
            return false
        }
        try await serving([check]) { port, _ in
            let response = try await get("/livez", port)
            #expect(response.status == 200)
        }
    }

    @Test func `OPS-01: metrics are served in the Prometheus text format`() async throws {
        try await serving([]) { port, environment in
            environment.metrics.counter("paraph_things_total", "Things.").increment()
            let response = try await get("/metrics", port)
            #expect(response.header("content-type") == MetricsRegistry.contentType)
            #expect(String(decoding: response.body, as: UTF8.self).contains("\nparaph_things_total 1\n"))
        }
    }
}
