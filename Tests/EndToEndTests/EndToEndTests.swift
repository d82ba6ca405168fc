// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver
import Testing

/// The real processes, one system at a time: everything here stands in extensions of this suite.
@Suite(
    .serialized,
    .enabled(if: SystemOptions.builtPrograms != nil, "PARAPH_PROGRAMS does not name the folder of built executables"))
struct EndToEndTests {
    static let isRoot = getuid() == 0
    static let kafkaHome = ProcessInfo.processInfo.environment["KAFKA_HOME"]
    static let oracleHome = ProcessInfo.processInfo.environment["ORACLE_HOME"]
    static let corpus = ProcessInfo.processInfo.environment["PARAPH_SHARED"].map {
        URL(fileURLWithPath: $0).appendingPathComponent("corpus/pdf")
    }

    static func options() throws -> SystemOptions {
        SystemOptions(programs: try #require(SystemOptions.builtPrograms))
    }
}

/// The system that all tests share which neither kill nor fill it; it ends with the process.
actor SharedSystem {
    private static let instance = SharedSystem()

    private var started: Result<RunningSystem, any Error>?

    static func flow() async throws -> EnvelopeFlow {
        let system = try await running()
        return EnvelopeFlow(client: try system.client(), mails: system.mails)
    }

    static func running() async throws -> RunningSystem { try await instance.system() }

    /// The suite is serial, so nobody asks while the first start is under way.
    private func system() async throws -> RunningSystem {
        if let started { return try started.get() }
        do {
            let system = try await RunningSystem.start(EndToEndTests.options())
            started = .success(system)
            return system
        } catch {
            started = .failure(error)
            throw error
        }
    }
}

extension EnvelopeFlow {
    /// The types of the trail's events in order, once the vault has the one waited for.
    func trail(of document: String, until type: String, seconds: Double = 20) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let answer = try await client.audit(document)
            let types = (answer["events"]?.arrayValue ?? []).compactMap { $0["event"]?["event_type"]?.stringValue }
            if types.contains(type) || ContinuousClock.now > deadline { return types }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
