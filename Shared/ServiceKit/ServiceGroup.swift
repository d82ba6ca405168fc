// SPDX-License-Identifier: Apache-2.0
package import Logging
import Glibc

/// Runs the services of a process together and stops them in reverse order.
package struct ServiceGroup: Sendable {
    private enum Event: Sendable {
        case ended(index: Int, error: (any Error)?)
        case stopRequested
        case signal(UnixSignal)
        case deadline
    }

    /// Asks the group to stop, as a first SIGTERM does.
    package let shutdown = ShutdownSignal()
    private let finished = ShutdownSignal()
    private let services: [any Service]
    private let logger: Logger
    private let drainDeadlineSeconds: Double
    private let signals: [UnixSignal]
    private let terminate: @Sendable (Int32) -> Void

    /// Services come in the order of their needs: a later one may use an earlier one until it has stopped itself.
    ///
    /// Tests pass no signals, and their own `terminate`; it is called when a service does not even end on cancellation,
    /// and at the second signal.
    package init(
        services: [any Service], logger: Logger, drainDeadlineSeconds: Double = 25,
        signals: [UnixSignal] = UnixSignal.allCases, terminate: @escaping @Sendable (Int32) -> Void = { _exit($0) }
    ) {
        self.services = services
        self.logger = logger
        self.drainDeadlineSeconds = drainDeadlineSeconds
        self.signals = signals
        self.terminate = terminate
    }

    /// Returns when all services have stopped after a signal.
    /// - Throws: What the first failing service threw; `ServiceGroupError` when one ended too early or too late.
    package func run() async throws {
        let stops = services.map { _ in ShutdownSignal() }
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        var drain = Drain(stops: stops)
        // Listening begins before the first service does, so that no signal gets lost.
        let signals = await UnixSignals(signals)
        defer { signals.cancel() }
        let received = signals.stream
        await withTaskGroup(of: Void.self) { group in
            for (index, service) in services.enumerated() {
                let stop = stops[index]
                group.addTask { feed.yield(await Self.end(of: service, at: index, stop)) }
            }
            group.addTask {
                await shutdown.wait()
                feed.yield(.stopRequested)
            }
            group.addTask {
                for await signal in received { feed.yield(.signal(signal)) }
            }
            for await event in events {
                if handle(event, &drain) {
                    group.addTask { [drainDeadlineSeconds] in
                        try? await Task.sleep(for: .seconds(drainDeadlineSeconds))
                        feed.yield(.deadline)
                    }
                }
                if drain.isFinished { break }
                if case .deadline = event { group.cancelAll() }
            }
            group.cancelAll()
        }
        finished.trigger()
        if let failure = drain.failure { throw failure }
    }

    private static func end(of service: any Service, at index: Int, _ stop: ShutdownSignal) async -> Event {
        do {
            try await service.run(until: stop)
            return .ended(index: index, error: nil)
        } catch {
            return .ended(index: index, error: error)
        }
    }

    /// - Returns: Whether the drain begins with this event.
    private func handle(_ event: Event, _ drain: inout Drain) -> Bool {
        let wasStopping = drain.isStopping
        switch event {
        case .ended(let index, let error):
            drain.ended(index)
            noteEnd(of: services[index], error, &drain)
        case .stopRequested:
            drain.isStopping = true
        case .signal(let signal):
            logger.notice("signal received", [.signal: .string(signal.rawValue)])
            if wasStopping {
                logger.warning("second signal: ending at once")
                terminate(ExitCode.internalError.rawValue)
            }
            drain.isStopping = true
        case .deadline:
            let names = drain.runningIndices.map { services[$0].name }
            logger.error("services did not stop within the deadline", [.serviceName: .strings(names)])
            if drain.failure == nil { drain.failure = ServiceGroupError.drainDeadlineExceeded(names) }
            watchForStuckServices()
        }
        if drain.isStopping { drain.triggerLastRunning() }
        return drain.isStopping && !wasStopping
    }

    private func noteEnd(of service: any Service, _ error: (any Error)?, _ drain: inout Drain) {
        if let error {
            // Cancellation at the deadline is our own doing and already reported.
            if drain.failure == nil || !(error is CancellationError) {
                logger.error("service failed", [.serviceName: .string(service.name), .error: .error(error)])
            }
            if drain.failure == nil { drain.failure = error }
        } else if !drain.isStopping {
            logger.error("service ended without being asked", [.serviceName: .string(service.name)])
            drain.failure = ServiceGroupError.serviceEnded(service.name)
        } else {
            logger.debug("service stopped", [.serviceName: .string(service.name)])
        }
        drain.isStopping = true
    }

    /// A thread that does not return cannot be cancelled, so the process ends without it.
    private func watchForStuckServices() {
        StuckProcessWatch.start(afterSeconds: 2) { [finished, terminate] in
            if !finished.isTriggered { terminate(ExitCode.internalError.rawValue) }
        }
    }
}

/// Why a group of services ended other than by a signal.
package enum ServiceGroupError: Error, Equatable, CustomStringConvertible {
    /// A service returned although nobody asked it to stop.
    case serviceEnded(String)
    /// These services were cancelled at the deadline.
    case drainDeadlineExceeded([String])

    package var description: String {
        switch self {
        case .serviceEnded(let name): "service \(name) ended without being asked"
        case .drainDeadlineExceeded(let names):
            "services \(names.joined(separator: ", ")) did not stop within the deadline"
        }
    }
}

/// Which services still run, and the order in which they are told to stop.
private struct Drain {
    var isStopping = false
    var failure: (any Error)?
    private var isRunning: [Bool]
    private let stops: [ShutdownSignal]

    init(stops: [ShutdownSignal]) {
        isRunning = Array(repeating: true, count: stops.count)
        self.stops = stops
    }

    var isFinished: Bool { !isRunning.contains(true) }

    var runningIndices: [Int] { isRunning.indices.filter { isRunning[$0] } }

    mutating func ended(_ index: Int) { isRunning[index] = false }

    func triggerLastRunning() {
        if let index = isRunning.lastIndex(of: true) { stops[index].trigger() }
    }
}
