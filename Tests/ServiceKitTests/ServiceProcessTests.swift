// SPDX-License-Identifier: Apache-2.0
import Configuration
import FileSystem
import Logging
import Metrics
import ServiceKit
import Synchronization
import Testing

private struct SampleConfiguration: ServiceConfiguration {
    static let keyPrefix = "SAMPLE_"
    static let port = ConfigurationKey.port("SAMPLE_HTTP_PORT", default: 8080, "where the API listens")
    static let sessions = ConfigurationKey.int(
        "SAMPLE_DATABASE_POOL", default: 8, in: 1...64, unit: "sessions", "size of the database pool")
    static let keys: [any ConfigurationKeyDescription] = [port, sessions]

    let port: Int
    let sessions: Int

    init(reader: inout ConfigurationReader) {
        port = reader.port(Self.port)
        sessions = reader.int(Self.sessions)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ServiceProcessTests {
    private let journal = Journal()
    private let quiet = ["PARAPH_LOG_LEVEL": "error"]

    private func run(
        _ arguments: [String], _ environment: [String: String] = [:],
        migrate: @Sendable (MigrationRequest) async throws -> Void = { _ in },
        behaviour: ProbeService.Behaviour = .graceful
    ) async -> ExitCode {
        let journal = journal
        let process = ServiceProcess(
            name: "paraph-sample", arguments: arguments, environment: quiet.merging(environment) { $1 },
            print: { text, _ in journal.note(text) })
        return await process.run(configuration: SampleConfiguration.self, migrate: migrate) {
            configuration, environment in
            journal.note("port \(configuration.port) production \(environment.isProduction)")
            let group = ServiceGroup(
                services: [ProbeService(name: "probe", journal: journal, behaviour: behaviour)], logger: .disabled,
                signals: [])
            group.shutdown.trigger()
            return group
        }
    }

    @Test func `help prints every key with type, unit, default and meaning`() async {
        #expect(await run(["--help"]) == .success)
        let text = journal.all.joined()
        #expect(
            text.contains("SAMPLE_DATABASE_POOL\n      integer, sessions; default 8\n      size of the database pool"))
        for key in SampleConfiguration.keys + CommonConfiguration.keys { #expect(text.contains(key.name)) }
        #expect(!text.contains("\n\n\n"))
    }

    @Test func `version prints name and version`() async {
        #expect(await run(["--version"]) == .success)
        #expect(journal.all == ["paraph-sample \(ParaphVersion.current)\n"])
    }

    @Test func `a wrong command line exits 64`() async {
        #expect(await run(["--hlep"]) == .usage)
        #expect(await run(["migrate", "now"]) == .usage)
    }

    @Test func `configuration mistakes are printed together and exit 78`() async {
        #expect(
            await run([], ["SAMPLE_HTTP_PORT": "x", "SAMPLE_HTP_PORT": "1", "PARAPH_LOG_FORMAT": "xml"])
                == .configuration)
        #expect(journal.all.count == 1)
        for key in ["SAMPLE_HTTP_PORT", "SAMPLE_HTP_PORT", "PARAPH_LOG_FORMAT"] {
            #expect(journal.all.joined().contains(key))
        }
    }

    @Test func `production refuses a test clock`() async {
        let environment = ["PARAPH_ENVIRONMENT": "production", "PARAPH_TEST_CLOCK_FILE": "/tmp/clock"]
        #expect(await run([], environment) == .configuration)
        #expect(journal.all.joined().contains("PARAPH_TEST_CLOCK_FILE"))
    }

    @Test func `a service that is asked to stop exits 0`() async {
        #expect(await run([], ["SAMPLE_HTTP_PORT": "9000"]) == .success)
        #expect(journal.all == ["port 9000 production false", "probe stopped"])
    }

    @Test func `a service that fails exits 70`() async {
        #expect(await run([], ["PARAPH_LOG_FORMAT": "json"], behaviour: .fails) == .internalError)
    }

    @Test func `migrate gets the database, needs no service settings and decides the exit code`() async {
        let code = await run(["migrate", "--check"], ["PARAPH_DATABASE_HOST": "/socket", "SAMPLE_HTTP_PORT": "x"]) {
            request in
            guard request.checkOnly, request.database.host == "/socket" else { return }
            throw ServiceExit(.configuration, "the schema is behind: run paraph-sample migrate")
        }
        #expect(code == .configuration)
        #expect(await run(["migrate"]) == .success)
    }

    @Test func `OPS-01: the standard process metrics are there`() {
        let metrics = MetricsRegistry()
        ProcessMetrics.register(in: metrics, service: "paraph-sample", version: "1")
        let text = metrics.prometheusText()
        #expect(text.contains("paraph_build_info{service=\"paraph-sample\",version=\"1\"} 1"))
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
            "process_start_time_seconds",
        ] {
            #expect(text.contains("\n\(name) "))
        }
    }
}
