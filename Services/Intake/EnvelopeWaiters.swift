// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Messaging
import Synchronization

/// Wakes requests of this process that wait for the read model to move; another process moves it too, hence the poll.
final class EnvelopeWaiters: Sendable {
    private static let pollSeconds = 0.25

    private final class Waiter: Sendable {
        private struct State {
            var changes = 0
            var seen = 0
            var continuation: CheckedContinuation<Void, Never>?
        }
        private let state = Mutex(State())

        func signal() {
            state.withLock { state in
                state.changes += 1
                defer { state.continuation = nil }
                return state.continuation
            }?.resume()
        }

        /// Returns when there was a change since the last call, or the task is cancelled.
        func change() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if state.changes > state.seen || Task.isCancelled {
                            state.seen = state.changes
                            return true
                        }
                        state.continuation = continuation
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                state.withLock { state in
                    defer { state.continuation = nil }
                    return state.continuation
                }?.resume()
            }
        }
    }

    private let waiters = Mutex<[EnvelopeID: [ObjectIdentifier: Waiter]]>([:])

    /// Asks again after each change of the envelope, until there is an answer or the time is over.
    ///
    /// - Parameter answer: Reads the state; nil means not yet.
    func wait<Answer: Sendable>(
        for envelope: EnvelopeID, seconds: Double, until answer: () async throws -> Answer?
    ) async throws -> Answer? {
        let waiter = Waiter()
        waiters.withLock { $0[envelope, default: [:]][ObjectIdentifier(waiter)] = waiter }
        defer { remove(waiter, of: envelope) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while true {
            if let answer = try await answer() { return answer }
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else { return nil }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await waiter.change() }
                group.addTask { try? await Task.sleep(for: .seconds(Self.pollSeconds)) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Called after the transaction that moved the envelopes.
    func changed(_ envelopes: some Sequence<EnvelopeID>) {
        let woken = waiters.withLock { waiters in envelopes.flatMap { waiters[$0].map { Array($0.values) } ?? [] } }
        for waiter in woken { waiter.signal() }
    }

    private func remove(_ waiter: Waiter, of envelope: EnvelopeID) {
        waiters.withLock { waiters in
            waiters[envelope]?[ObjectIdentifier(waiter)] = nil
            if waiters[envelope]?.isEmpty == true { waiters[envelope] = nil }
        }
    }
}
