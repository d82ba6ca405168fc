// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Hands sessions to tasks, first come first served; a task waits no longer than the lease timeout.
final class LeaseQueue: Sendable {
    private typealias Waiter = CheckedContinuation<PostgresSession, any Error>

    private struct Waiting {
        let continuation: Waiter
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        /// Last used first, so that few sessions stay warm and the rest stay unopened.
        var idle: [PostgresSession] = []
        var created = 0
        /// Keyed by ticket; tickets ascend, so the lowest one waits longest.
        var waiting: [UInt64: Waiting] = [:]
        var firstTicket: UInt64 = 0
        var nextTicket: UInt64 = 0
        var isTimerSet = false
        var isClosed = false
        var drained: [CheckedContinuation<Void, Never>] = []

        var leased: Int { created - idle.count }

        mutating func popFirst() -> Waiting? {
            while firstTicket < nextTicket {
                defer { firstTicket += 1 }
                if let waiting = waiting.removeValue(forKey: firstTicket) { return waiting }
            }
            return nil
        }

        /// The waiting task that waits longest, which stays where it is.
        mutating func first() -> Waiting? {
            while firstTicket < nextTicket {
                if let waiting = waiting[firstTicket] { return waiting }
                firstTicket += 1
            }
            return nil
        }
    }

    private let configuration: PostgresConfiguration
    private let observer: PoolObserver
    private let state = Mutex(State())

    init(_ configuration: PostgresConfiguration, observer: PoolObserver) {
        self.configuration = configuration
        self.observer = observer
        observer.export { [weak self] in self?.state.withLock { $0.leased } ?? 0 }
    }

    /// Leases a session, waiting for one when all are out.
    ///
    /// - Throws: `PostgresError` with the code `pool_timeout` or `pool_closed`, or `CancellationError`.
    func lease() async throws -> PostgresSession {
        try Task.checkCancellation()
        if let session = try takeFree() {
            observer.waited(seconds: 0)
            return session
        }
        let start = ContinuousClock.now
        let session = try await wait(until: start.advanced(by: .seconds(configuration.leaseTimeoutSeconds)))
        observer.waited(seconds: (ContinuousClock.now - start) / .seconds(1))
        return session
    }

    /// Gives a session back, to the task that waits longest if there is one.
    func release(_ session: PostgresSession) {
        let (waiter, drained) = state.withLock { state -> (Waiter?, [CheckedContinuation<Void, Never>]) in
            if let next = state.popFirst() { return (next.continuation, []) }
            state.idle.append(session)
            guard state.isClosed, state.leased == 0 else { return (nil, []) }
            defer { state.drained = [] }
            return (nil, state.drained)
        }
        waiter?.resume(returning: session)
        for continuation in drained { continuation.resume() }
    }

    /// Refuses and ends all waiting, and returns every session once none is leased.
    func close() async -> [PostgresSession] {
        let refused = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.continuation)
        }
        for waiter in refused { waiter.resume(throwing: Self.closed) }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if state.leased > 0 { state.drained.append(continuation) }
                return state.leased == 0
            }
            if isDrained { continuation.resume() }
        }
        return state.withLock { $0.idle }
    }

    // MARK: - Waiting

    private static let closed = PostgresError(.poolClosed, "the pool is closed because the service is stopping")

    private func takeFree() throws -> PostgresSession? {
        try state.withLock { state in
            if state.isClosed { throw Self.closed }
            if let session = state.idle.popLast() { return session }
            guard state.created < max(1, configuration.poolSize) else { return nil }
            state.created += 1
            return PostgresSession(configuration, observer: observer)
        }
    }

    private func wait(until deadline: ContinuousClock.Instant) async throws -> PostgresSession {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(continuation, ticket: ticket, deadline: deadline)
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiting.removeValue(forKey: ticket) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Registers a waiter unless a session came free, the pool closed or the task ended since it looked.
    private func enqueue(_ continuation: Waiter, ticket: UInt64, deadline: ContinuousClock.Instant) {
        let immediate = state.withLock { state -> Result<PostgresSession, any Error>? in
            if state.isClosed { return .failure(Self.closed) }
            if Task.isCancelled { return .failure(CancellationError()) }
            if let session = state.idle.popLast() { return .success(session) }
            // A ticket that was passed over meanwhile would never be served.
            let isPassed = ticket < state.firstTicket
            let ticket = isPassed ? state.nextTicket : ticket
            if isPassed { state.nextTicket += 1 }
            state.waiting[ticket] = Waiting(continuation: continuation, deadline: deadline)
            if !state.isTimerSet {
                state.isTimerSet = true
                setTimer(for: deadline)
            }
            return nil
        }
        if let immediate { continuation.resume(with: immediate) }
    }

    /// One timer serves all: everybody waits equally long, so who came first runs out of time first.
    private func setTimer(for deadline: ContinuousClock.Instant) {
        let seconds = max(0.001, (deadline - ContinuousClock.now) / .seconds(1))
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = ContinuousClock.now
        let expired = state.withLock { state in
            var expired: [Waiter] = []
            state.isTimerSet = false
            while let first = state.first() {
                guard first.deadline <= now else {
                    state.isTimerSet = true
                    setTimer(for: first.deadline)
                    break
                }
                if let waiting = state.popFirst() { expired.append(waiting.continuation) }
            }
            return expired
        }
        let error = PostgresError(
            .poolTimeout,
            "no session came free within \(configuration.leaseTimeoutSeconds) s; see what holds transactions open")
        for waiter in expired { waiter.resume(throwing: observer.noting(error)) }
    }
}
