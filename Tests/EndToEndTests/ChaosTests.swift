// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver
import Testing

extension EndToEndTests {
    /// Processes are killed and stopped under load; nothing is lost and nothing is done twice.
    @Suite struct Chaos {
        @Test func `RES-01: 200 envelopes complete once each while processes are killed, over PostgreSQL`() async throws
        {
            try await survive(.postgres)
        }

        @Test(.enabled(if: EndToEndTests.kafkaHome != nil, "KAFKA_HOME does not name a broker"))
        func `RES-01: 200 envelopes complete once each while processes are killed, over Kafka`() async throws {
            try await survive(.kafka)
        }

        private func survive(_ driver: MessageDriver) async throws {
            var options = try EndToEndTests.options()
            options.driver = driver
            options.restarts = true
            let system = try await RunningSystem.start(options)
            do {
                try await survive(on: system, programs: options.programs)
            } catch {
                for service in RunningSystem.services { print("--- \(service)\n\(system.logTail(service, lines: 5))") }
                await system.stop()
                throw error
            }
            await system.stop()
        }

        private func survive(on system: RunningSystem, programs: URL) async throws {
            let seed =
                ProcessInfo.processInfo.environment["PARAPH_CHAOS_SEED"].flatMap { UInt64($0) }
                ?? .random(in: 1...999_999)
            let run = try ChaosRun(system: system, seed: seed)
            let started = ContinuousClock.now
            let faults = try await run.run()
            report(faults, driver: system.driver, seed: seed, took: ContinuousClock.now - started)
            let kills = faults.filter { $0.kind == "kill -9" }
            #expect(kills.count == ChaosRun.kills)
            for process in RunningSystem.services + ["postgresql"] {
                #expect(kills.count { $0.process == process } >= 2, "\(process) was not hit twice")
            }
            #expect(Set(faults.filter { $0.kind == "SIGSTOP" }.map(\.process)) == ["orchestrator", "signer"])
            #expect(faults.allSatisfy { $0.inFlight >= ChaosRun.leastInFlight })
            #expect(run.ledger.count == ChaosRun.envelopes)
            var client = try system.client()
            client.patienceSeconds = 30
            let verdict = ChaosVerdict(system: system, ledger: run.ledger, client: client, programs: programs)
            let found = try await verdict.faults()
            #expect(found.isEmpty, "\(found.count): \(found.prefix(12).joined(separator: "; "))")
        }

        private func report(_ faults: [ChaosRun.Fault], driver: MessageDriver, seed: UInt64, took: Duration) {
            print("chaos over \(driver.rawValue), seed \(seed), \(Int(took.seconds)) s:")
            for fault in faults { print("  " + fault.line) }
            let recovery = FigureSummary(faults.filter { $0.kind == "kill -9" }.map(\.recoverySeconds))
            print("  started again after p50 \(recovery.percentile(0.5)) s, p99 \(recovery.percentile(0.99)) s")
        }
    }
}
