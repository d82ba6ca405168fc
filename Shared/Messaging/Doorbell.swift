// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Collects names until someone waits for them; one waiter at a time.
final class Doorbell: Sendable {
    struct Ring: Sendable {
        var sources: Set<String> = []
        /// Everything may have changed.
        var isAll = false
        var isEmpty: Bool { sources.isEmpty && !isAll }
    }

    private struct State {
        var ring = Ring()
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    /// The only names that it collects; nil for all.
    private let sources: Set<String>?
    private let state = Mutex(State())

    init(sources: Set<String>? = nil) { self.sources = sources }

    func ring(_ sources: Set<String>) {
        let heard = self.sources.map { $0.intersection(sources) } ?? sources
        if !heard.isEmpty { change { $0.ring.sources.formUnion(heard) } }
    }

    func ringAll() {
        change { $0.ring.isAll = true }
    }

    /// Lets the present wait and all later ones return at once.
    func close() {
        change { $0.isClosed = true }
    }

    /// Whether the next `wait` returns at once.
    var hasRung: Bool { state.withLock { !$0.ring.isEmpty } }

    /// Takes what has rung, waiting at most `seconds` for the first ring; returns early when its task is cancelled.
    func wait(seconds: Double) async -> Ring {
        let isIdle = state.withLock { $0.ring.isEmpty && !$0.isClosed }
        if isIdle && seconds > 0 {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
                group.addTask { await self.waitForRing() }
                await group.next()
                group.cancelAll()
            }
        }
        return state.withLock { state in
            defer { state.ring = Ring() }
            return state.ring
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.ring.isEmpty || state.isClosed || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }
}
