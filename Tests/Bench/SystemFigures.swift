// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// Everything that is measured on a running system, for one driver, on a fresh folder.
struct SystemFigures {
    let options: BenchOptions
    let driver: MessageDriver
    let report: BenchReport

    static let names = [
        "large_document_resident", "submit_to_signed_p50", "submit_to_signed_p99", "envelopes_per_second",
        "outbox_lag_p99", "status_reads",
    ]

    func measure() async throws {
        guard options.only.isEmpty || Self.names.contains(where: options.only.contains) else { return }
        report.progress("\(driver.rawValue): starting the system")
        var start = SystemOptions(programs: options.programs)
        start.driver = driver
        let system = try await RunningSystem.start(start)
        do {
            try await measure(system)
        } catch {
            for service in RunningSystem.services {
                report.progress("--- \(service)\n\(system.logTail(service, lines: 4))")
            }
            await system.stop()
            throw error
        }
        await system.stop()
    }

    private func measure(_ system: RunningSystem) async throws {
        let ledger = try Ledger(file: system.folder.appendingPathComponent("ledger"))
        let flow = EnvelopeFlow(client: try system.client(), mails: system.mails)
        let bench = BenchContext(options: options, system: system, flow: flow, ledger: ledger)
        var figures: [Figure] = []
        // First, because a peak of memory counts from the start of a process.
        if options.wants("large_document_resident") {
            report.progress("\(driver.rawValue): one document of 93 MB")
            figures += [try await LargeDocumentFigure(bench: bench).measure()]
        }
        if options.wants("submit_to_signed_p50", "submit_to_signed_p99") {
            report.progress("\(driver.rawValue): signing one at a time")
            figures += try await LatencyFigures(bench: bench).measure()
        }
        if options.wants("envelopes_per_second", "outbox_lag_p99") {
            report.progress("\(driver.rawValue): \(options.concurrency) envelopes in flight")
            figures += try await ThroughputFigures(bench: bench).measure()
        }
        report.progress("\(driver.rawValue): counting what is there")
        let faults = try await Settlement(bench: bench).faults()
        if !faults.isEmpty { report.void(faults, of: driver.rawValue) }
        // Drafts come last: they have neither mails nor evidence.
        if options.wants("status_reads") {
            report.progress("\(driver.rawValue): reading statuses")
            figures += [try await StatusReadsFigure(bench: bench).measure()]
        }
        report.add(faults.isEmpty ? figures : [])
    }
}

/// What the figures of one system share.
struct BenchContext: Sendable {
    let options: BenchOptions
    let system: RunningSystem
    let flow: EnvelopeFlow
    let ledger: Ledger

    var driverDetail: (String, JSONValue) { ("driver", .string(system.driver.rawValue)) }

    static func plan(_ number: UInt64) -> EnvelopePlan {
        EnvelopePlan(title: "Offer \(number)", signers: SignerPlan.one)
    }
}
