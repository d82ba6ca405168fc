// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Answers single look-ups that come at the same time with one query for all of them.
///
/// Whoever asks while no query runs carries out the next one for everybody who waits; so batches grow with the load, and
/// an idle system answers at once.
final class ReadCoalescer<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Outcome {
        case answered(Value?)
        case failed(any Error)
        case lead
    }

    private struct Waiter {
        let key: Key
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var running = 0
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    private let concurrency: Int
    private let maximumBatch: Int
    private let read: @Sendable ([Key]) async throws -> [Key: Value]

    /// - Parameters:
    ///   - concurrency: Queries at once.
    ///   - read: Finds values; a key without one is left out.
    init(
        concurrency: Int = 2, maximumBatch: Int = 200, read: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) {
        self.concurrency = concurrency
        self.maximumBatch = maximumBatch
        self.read = read
    }

    /// The value of a key as it is in the database after this call began; nil when there is none.
    func value(for key: Key) async throws -> Value? {
        if !claim() {
            let outcome = await withCheckedContinuation { continuation in
                let waiter = Waiter(key: key, continuation: continuation)
                let leads = state.withLock { state in
                    // A query may have ended since `claim`.
                    if state.running < concurrency {
                        state.running += 1
                        return true
                    }
                    state.waiting.append(waiter)
                    return false
                }
                if leads { continuation.resume(returning: .lead) }
            }
            switch outcome {
            case .answered(let value): return value
            case .failed(let error): throw error
            case .lead: break
            }
        }
        return try await lead(key)
    }

    private func claim() -> Bool {
        state.withLock { state in
            guard state.running < concurrency else { return false }
            state.running += 1
            return true
        }
    }

    private func lead(_ key: Key) async throws -> Value? {
        let others = state.withLock { state in
            let taken = Array(state.waiting.prefix(maximumBatch - 1))
            state.waiting.removeFirst(taken.count)
            return taken
        }
        let result: Result<[Key: Value], any Error>
        do {
            result = .success(try await read(Array(Set(others.map(\.key) + [key]))))
        } catch {
            result = .failure(error)
        }
        handOver()
        switch result {
        case .success(let values):
            for waiter in others { waiter.continuation.resume(returning: .answered(values[waiter.key])) }
            return values[key]
        case .failure(let error):
            // The leader's own cancellation is not the others' failure: each of them asks for itself.
            for waiter in others {
                if error is CancellationError {
                    state.withLock { $0.running += 1 }
                    waiter.continuation.resume(returning: .lead)
                } else {
                    waiter.continuation.resume(returning: .failed(error))
                }
            }
            throw error
        }
    }

    /// Gives the place to the first who waits.
    private func handOver() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil as Waiter?
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume(returning: .lead)
    }
}
