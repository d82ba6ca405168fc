// SPDX-License-Identifier: Apache-2.0
import Messaging
import Postgres
import ServiceKit
import TestSupport
import Testing

/// A driver as the conformance suite sees it; one that is not available here is not listed.
protocol ConformanceDriver: Sendable, CustomTestStringConvertible {
    var name: String { get }

    /// Makes the driver ready to carry what the fixture's producer writes.
    func start(_ fixture: MessagingFixture) async throws -> any RunningDriver
}

/// A driver that is ready, for one test.
protocol RunningDriver: Sendable {
    /// A log for a consumer in this process.
    func log(pool: PostgresPool) -> any MessageLog

    /// What runs beside the producer, such as a relay.
    var services: [any Service] { get }

    /// What `MessagingMember` needs in its environment.
    var memberEnvironment: [String: String] { get }

    /// Sets the group back to the oldest message that is still there; no member runs meanwhile.
    func rewind() async throws

    /// Gives back what `start` took.
    func stop() async
}

extension ConformanceDriver {
    var testDescription: String { name }
}

enum ConformanceDrivers {
    static let all: [any ConformanceDriver] = [PostgresDriver()] + KafkaDriver.available
}

struct PostgresDriver: ConformanceDriver {
    let name = "postgres"

    func start(_ fixture: MessagingFixture) async throws -> any RunningDriver { Running(fixture: fixture) }

    private struct Running: RunningDriver {
        let fixture: MessagingFixture
        let services: [any Service] = []
        let memberEnvironment = ["MEMBER_DRIVER": "postgres"]

        func log(pool: PostgresPool) -> any MessageLog {
            PostgresMessageLog(pool: pool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
        }

        func rewind() async throws {
            try await LaneCursors.rewind(consumer: MessagingFixture.consumer, pool: fixture.consumerPool)
        }

        func stop() async {}
    }
}

/// Runs a body with a fixture and a driver on it, and closes both.
func withDriver(
    _ driver: any ConformanceDriver, server: TestPostgres? = nil,
    _ body: (MessagingFixture, any RunningDriver) async throws -> Void
) async throws {
    let fixture = try await MessagingFixture.make(server: server)
    let running = try await driver.start(fixture)
    let result: Result<Void, any Error>
    do {
        try await withServices([fixture.listener, fixture.wakeUp] + running.services) {
            try await body(fixture, running)
        }
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await running.stop()
    await fixture.close()
    try result.get()
}
