// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Logging
import Metrics
import ServiceKit
import Synchronization

/// Keeps log records for assertions.
final class RecordingLogWriter: LogWriter {
    private let records = Mutex<[LogRecord]>([])
    func write(_ record: LogRecord) { records.withLock { $0.append(record) } }
    var all: [LogRecord] { records.withLock { $0 } }
}

/// A running listener on a free port, with its log and metrics.
struct ListenerHarness: Sendable {
    let listener: HTTPListener
    let shutdown = ShutdownSignal()
    let log = RecordingLogWriter()
    let metrics = MetricsRegistry()

    init(_ router: Router, configure: (inout HTTPListenerConfiguration) -> Void = { _ in }) throws {
        var configuration = HTTPListenerConfiguration(name: "test", maximumBodyBytes: 120_000_000)
        configure(&configuration)
        listener = try HTTPListener(
            configuration, router: router, logger: Logger(service: "test", level: .debug, writer: log),
            metrics: metrics)
    }

    var url: String { "http://127.0.0.1:\(listener.port)" }

    /// Serves during the body and stops gracefully afterwards, also when it throws.
    static func serving<R: Sendable>(
        _ router: Router, configure: (inout HTTPListenerConfiguration) -> Void = { _ in },
        _ body: @Sendable (ListenerHarness) async throws -> R
    ) async throws -> R {
        let harness = try ListenerHarness(router, configure: configure)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await harness.listener.run(until: harness.shutdown) }
            do {
                let result = try await body(harness)
                harness.shutdown.trigger()
                try await group.waitForAll()
                return result
            } catch {
                harness.shutdown.trigger()
                throw error
            }
        }
    }
}

/// Polls until the condition holds; false after ten seconds.
func eventually(_ condition: @Sendable () async -> Bool) async -> Bool {
    for _ in 0..<1_000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return await condition()
}

/// A value that handlers and the test both see.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func set(_ value: Value) { storage.withLock { $0 = value } }
    func change(_ body: @Sendable (inout Value) -> Void) { storage.withLock { body(&$0) } }
}
