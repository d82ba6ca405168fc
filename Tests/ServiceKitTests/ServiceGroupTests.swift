// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import ServiceKit
import Synchronization
import Testing

/// What happened, in order.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }

    private let released = ShutdownSignal()
    /// Waits in a way that cancellation does not end.
    func hold() async { await Task { await released.wait() }.value }
    func release() { released.trigger() }
}

struct ProbeService: Service {
    struct Failure: Error, Equatable {}

    enum Behaviour {
        case graceful, raisesSignal, raisesTwoSignals, fails, endsEarly, ignoresShutdown, ignoresCancellation
    }

    let name: String
    let journal: Journal
    var behaviour = Behaviour.graceful

    func run(until shutdown: ShutdownSignal) async throws {
        switch behaviour {
        case .graceful: await shutdown.wait()
        case .raisesSignal:
            kill(getpid(), SIGTERM)
            await shutdown.wait()
        case .raisesTwoSignals:
            kill(getpid(), SIGTERM)
            kill(getpid(), SIGINT)
            await journal.hold()
        case .fails: throw Failure()
        case .endsEarly: return
        case .ignoresShutdown: try await Task.sleep(for: .seconds(3600))
        case .ignoresCancellation:
            await journal.hold()
        }
        journal.note("\(name) stopped")
    }
}

@Suite(.serialized, .timeLimit(.minutes(1)))
struct ServiceGroupTests {
    private let journal = Journal()

    private func group(
        _ services: [ProbeService], deadline: Double = 60, signals: [UnixSignal] = [],
        terminate: @escaping @Sendable (Int32) -> Void = { _ in }
    ) -> ServiceGroup {
        ServiceGroup(
            services: services, logger: .disabled, drainDeadlineSeconds: deadline, signals: signals,
            terminate: terminate)
    }

    @Test func `services stop in reverse order, one after the other`() async throws {
        let group = group(["pool", "relay", "http"].map { ProbeService(name: $0, journal: journal) })
        group.shutdown.trigger()
        try await group.run()
        #expect(journal.all == ["http stopped", "relay stopped", "pool stopped"])
    }

    @Test func `a failing service stops the others and its error comes out`() async {
        let group = group([
            ProbeService(name: "a", journal: journal), ProbeService(name: "b", journal: journal, behaviour: .fails),
        ])
        await #expect(throws: ProbeService.Failure.self) { try await group.run() }
        #expect(journal.all == ["a stopped"])
    }

    @Test func `a service that ends by itself is a failure`() async {
        let group = group([
            ProbeService(name: "a", journal: journal), ProbeService(name: "b", journal: journal, behaviour: .endsEarly),
        ])
        await #expect(throws: ServiceGroupError.serviceEnded("b")) { try await group.run() }
        #expect(journal.all.contains("a stopped"))
    }

    @Test func `a service that ignores the signal is cancelled at the deadline`() async {
        let group = group([ProbeService(name: "a", journal: journal, behaviour: .ignoresShutdown)], deadline: 0.01)
        group.shutdown.trigger()
        await #expect(throws: ServiceGroupError.drainDeadlineExceeded(["a"])) { try await group.run() }
    }

    @Test func `a service that ignores even cancellation ends the process`() async {
        let journal = journal
        let group = group(
            [ProbeService(name: "a", journal: journal, behaviour: .ignoresCancellation)], deadline: 0.01,
            terminate: { code in
                journal.note("terminate \(code)")
                journal.release()
            })
        group.shutdown.trigger()
        await #expect(throws: ServiceGroupError.drainDeadlineExceeded(["a"])) { try await group.run() }
        #expect(journal.all == ["terminate 70", "a stopped"])
    }

    @Test func `SIGTERM stops the services`() async throws {
        let probe = ProbeService(name: "a", journal: journal, behaviour: .raisesSignal)
        try await group([probe], signals: [.terminate]).run()
        #expect(journal.all == ["a stopped"])
    }

    @Test func `a second signal ends the process at once`() async throws {
        let journal = journal
        let probe = ProbeService(name: "a", journal: journal, behaviour: .raisesTwoSignals)
        try await group([probe], signals: UnixSignal.allCases) { code in
            journal.note("terminate \(code)")
            journal.release()
        }.run()
        #expect(journal.all == ["terminate 70", "a stopped"])
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ShutdownSignalTests {
    @Test func `waiting ends at the trigger, before and after`() async {
        let signal = ShutdownSignal()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await signal.wait() } }
            signal.trigger()
        }
        await signal.wait()
        #expect(await signal.race(seconds: 3600))
    }

    @Test func `cancellation ends waiting and counts as stop`() async {
        let signal = ShutdownSignal()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await signal.race(seconds: 3600) }
            group.addTask {
                await signal.wait()
                return true
            }
            group.cancelAll()
            for await stopped in group { #expect(stopped) }
        }
        #expect(!signal.isTriggered)
    }

    @Test func `a race without shutdown is a sleep`() async {
        #expect(await !ShutdownSignal().race(seconds: 0.001))
    }
}

@Suite(.timeLimit(.minutes(1)))
struct BlockingExecutorTests {
    private actor Counter {
        private let executor = BlockingExecutor(label: "test")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        private(set) var value = 0
        func increment() { value += 1 }
    }

    @Test func `calls run one after the other and errors come back`() async throws {
        let executor = BlockingExecutor(label: "test")
        let journal = Journal()
        try await executor.run { journal.note("1") }
        try await executor.run { journal.note("2") }
        #expect(journal.all == ["1", "2"])
        await #expect(throws: ProbeService.Failure.self) { try await executor.run { throw ProbeService.Failure() } }
        #expect(try await executor.run { 7 } == 7)
    }

    @Test func `an actor can run on it`() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { await counter.increment() } }
        }
        #expect(await counter.value == 500)
    }

    @Test func `pauses grow to the maximum and start over`() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff(initialSeconds: 1, maximumSeconds: 4, multiplier: 2, jitter: 0)
        #expect((0..<4).map { _ in backoff.next(using: &generator) } == [1, 2, 4, 4])
        backoff.reset()
        #expect(backoff.next() == 1)
        var jittered = Backoff(initialSeconds: 1, maximumSeconds: 60, multiplier: 1, jitter: 0.5)
        for _ in 0..<100 { #expect((0.5...1.5).contains(jittered.next())) }
    }
}
