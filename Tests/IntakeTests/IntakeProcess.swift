// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import Glibc
import Messaging
import Postgres
import Synchronization
import TestSupport

@testable import Intake

/// Intake in a process of its own, beside a fixture with the same database, keys and objects.
final class IntakeProcess: Sendable {
    let port: Int
    private let process: Mutex<Process>

    /// Returns when it listens.
    init(beside intake: IntakeFixture) async throws {
        // The consumer reads the orchestrator's outbox.
        try await intake.database.migrate(.orchestrator, [("messaging", MessagingMigrations.all)])
        let owner = intake.database.ownerPool(of: .orchestrator)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        let clock = "\(intake.folder)/clock"
        try String(intake.clock.clock.now().seconds(since: BusinessClock.system.now()))
            .write(toFile: clock, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = try TestProduct.executable("paraph-intake")
        process.environment = [
            "PARAPH_KEY_STORE": "\(intake.folder)/keys/intake", "PARAPH_OBJECT_STORE": "\(intake.folder)/objects",
            "PARAPH_DATABASE_HOST": intake.database.server.socketDirectory,
            "PARAPH_DATABASE_NAME": intake.database.name, "PARAPH_TEST_CLOCK_FILE": clock,
            "PARAPH_LOG_FORMAT": "json", "INTAKE_HTTP_PORT": "0",
        ]
        let output = Pipe()
        process.standardOutput = output
        let log = Locked<[UInt8]>([])
        output.fileHandleForReading.readabilityHandler = { handle in
            let bytes = Array(handle.availableData)
            if bytes.isEmpty { handle.readabilityHandler = nil }
            log.change { $0 += bytes }
        }
        try process.run()
        let port = Locked<Int?>(nil)
        do {
            try await eventually {
                let found = Self.port(in: log.value)
                port.change { $0 = found }
                return found != nil
            }
        } catch {
            process.terminate()
            throw error
        }
        self.port = port.value ?? 0
        self.process = Mutex(process)
    }

    /// Ends it as a power cut would, and waits until it is gone.
    func kill() {
        process.withLock { process in
            _ = Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// The public listener's port, once its line is in the log.
    private static func port(in log: [UInt8]) -> Int? {
        for line in log.split(separator: UInt8(ascii: "\n")) {
            guard let entry = try? JSONValue(parsing: Array(line)), entry["http.listener"]?.stringValue == "public"
            else { continue }
            return entry["port"]?.intValue.map { Int($0) }
        }
        return nil
    }
}
