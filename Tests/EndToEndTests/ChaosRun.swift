// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import SystemDriver

/// Sends envelopes and signs them while processes are killed and stopped, and keeps the ledger.
final class ChaosRun: Sendable {
    /// Where an accepted envelope stands, as its driver knows.
    enum Stage: String, Sendable, CaseIterable {
        case accepted
        case firstLink = "first link"
        case firstAgreed = "first agreed"
        case secondLink = "second link"
        case secondAgreed = "second agreed"
    }

    /// One fault and what it hit.
    struct Fault: Sendable {
        let process: String
        let kind: String
        let stages: [Stage: Int]
        var recoverySeconds = 0.0

        var inFlight: Int { stages.values.reduce(0, +) }

        var line: String {
            let parts = Stage.allCases.compactMap { stage in stages[stage].map { "\($0) \(stage.rawValue)" } }
            return
                "\(kind) \(process): \(inFlight) in flight (\(parts.joined(separator: ", "))), back after \(String(format: "%.1f", recoverySeconds)) s"
        }
    }

    static let envelopes = 200
    static let kills = 20
    static let leastInFlight = 10
    private static let stopSeconds = 15
    private static let targets = RunningSystem.services + ["postgresql"]

    let ledger: Ledger
    private let system: RunningSystem
    private let flow: EnvelopeFlow
    private let plan: [String]
    private let stages = Mutex<[String: Stage]>([:])
    private let released = Mutex(0)
    private let done = Mutex(0)
    private let steps = Mutex(0)

    init(system: RunningSystem, seed: UInt64) throws {
        self.system = system
        ledger = try Ledger(file: system.folder.appendingPathComponent("ledger"))
        var client = try system.client()
        client.patienceSeconds = 90
        var flow = EnvelopeFlow(client: client, mails: system.mails)
        flow.patienceSeconds = 120
        self.flow = flow
        var noise = Noise(state: seed)
        var plan = Self.targets + Self.targets
        while plan.count < Self.kills { plan.append(Self.targets.randomElement(using: &noise) ?? "signer") }
        self.plan = plan.shuffled(using: &noise)
    }

    /// - Returns: The faults in order, when every envelope is completed.
    func run() async throws -> [Fault] {
        try await withThrowingTaskGroup(of: [Fault].self) { group in
            group.addTask { try await self.injectFaults() }
            for number in 0..<Self.envelopes {
                group.addTask {
                    try await self.drive(number)
                    return []
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    // MARK: Envelopes

    private func drive(_ number: Int) async throws {
        while released.withLock({ $0 }) <= number { try await Task.sleep(for: .milliseconds(20)) }
        let signers = number.isMultiple(of: 4) ? SignerPlan.parallel : SignerPlan.two
        let envelope = try await flow.send(
            EnvelopePlan(title: "Offer \(number)", signers: signers), file: OfferDocument(number: UInt64(number)).bytes,
            ledger: ledger)
        enter(.accepted, envelope)
        try await agree(envelope, 0, reading: .firstLink, done: .firstAgreed)
        try await agree(envelope, 1, reading: .secondLink, done: .secondAgreed)
        try await flow.client.wait(for: "completed", of: envelope.documentID, seconds: 120, everyMilliseconds: 100)
        stages.withLock { $0[envelope.envelopeID] = nil }
        done.withLock { $0 += 1 }
    }

    private func agree(_ envelope: CreatedEnvelope, _ index: Int, reading: Stage, done: Stage) async throws {
        let visit = try await flow.visit(envelope.signers[index].requestID)
        enter(reading, envelope)
        // A person reads for a moment, so that faults meet envelopes in every stage.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...900)))
        let page = try await openedPage(visit)
        let view = try await visit.view()
        guard view.status == 200 else { throw SystemError("POST view answered \(view.summary)") }
        let answer = try await visit.submit(SigningVisit.agreement(to: page.json))
        guard answer.status == 200 || answer.status == 202 else {
            throw SystemError("POST fields answered \(answer.summary)")
        }
        enter(done, envelope)
    }

    /// The mail may be quicker than intake, which was just started again: then a person looks once more.
    private func openedPage(_ visit: SigningVisit) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let page = try await visit.page()
            if page.status == 200 { return page }
            guard page.code == "not_your_turn", ContinuousClock.now < deadline else {
                throw SystemError("GET page answered \(page.summary)")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func enter(_ stage: Stage, _ envelope: CreatedEnvelope) {
        stages.withLock { $0[envelope.envelopeID] = stage }
        steps.withLock { $0 += 1 }
    }

    private var inFlight: [Stage: Int] {
        stages.withLock { Dictionary(grouping: $0.values) { $0 }.mapValues(\.count) }
    }

    // MARK: Faults

    private func injectFaults() async throws -> [Fault] {
        var faults: [Fault] = []
        for (index, process) in plan.enumerated() {
            try await untilEnoughInFlight(batch: index + 1)
            faults.append(try await killed(process))
            try await untilMoved()
            // Between others: the middle of the run.
            if index == Self.kills / 3 { faults.append(try await stopped("orchestrator")) }
            if index == Self.kills * 2 / 3 { faults.append(try await stopped("signer")) }
        }
        released.withLock { $0 = Self.envelopes }
        return faults
    }

    /// Lets one more share of the envelopes go, and waits until enough of all are under way.
    private func untilEnoughInFlight(batch: Int) async throws {
        released.withLock { $0 = max($0, min(Self.envelopes, batch * Self.envelopes / Self.kills)) }
        let deadline = ContinuousClock.now + .seconds(60)
        while inFlight.values.reduce(0, +) < Self.leastInFlight {
            guard ContinuousClock.now < deadline else {
                throw SystemError("no \(Self.leastInFlight) envelopes got under way before fault \(batch)")
            }
            // Those of the share that are completed already make room for the next.
            let done = done.withLock { $0 }
            released.withLock { $0 = max($0, min(Self.envelopes, done + Self.leastInFlight + 2)) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Gives envelopes time to get into other stages before the next fault; recovery must not need that long.
    private func untilMoved() async throws {
        let before = steps.withLock { $0 }
        let deadline = ContinuousClock.now + .seconds(4)
        while steps.withLock({ $0 }) < before + 2 * Self.leastInFlight, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func killed(_ process: String) async throws -> Fault {
        let id = try await running(process)
        var fault = Fault(process: process, kind: "kill -9", stages: inFlight)
        kill(id, SIGKILL)
        let killed = ContinuousClock.now
        while system.processIDs()[process].map({ $0 == id || !ProcessUsage.isAlive($0) }) ?? true {
            guard killed.duration(to: .now) < .seconds(60) else {
                throw SystemError("\(process) was not started again")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        fault.recoverySeconds = killed.duration(to: .now).seconds
        return fault
    }

    private func stopped(_ process: String) async throws -> Fault {
        try await untilEnoughInFlight(batch: 0)
        let id = try await running(process)
        var fault = Fault(process: process, kind: "SIGSTOP", stages: inFlight)
        kill(id, SIGSTOP)
        do {
            try await Task.sleep(for: .seconds(Self.stopSeconds))
        } catch {
            kill(id, SIGCONT)
            throw error
        }
        kill(id, SIGCONT)
        fault.recoverySeconds = Double(Self.stopSeconds)
        return fault
    }

    private func running(_ process: String) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let id = system.processIDs()[process], ProcessUsage.isAlive(id) { return id }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw SystemError("\(process) does not run")
    }
}
