// SPDX-License-Identifier: Apache-2.0
import ServiceKit

/// Collects names until someone waits for them; one waiter at a time.
final class Doorbell: Sendable {
    struct Ring: Sendable {
        var sources: Set<String> = []
        /// Everything may have changed.
        var isAll = false
        var isEmpty: Bool { sources.isEmpty && !isAll }
    }

    private struct State: Sendable {
        var ring = Ring()
        var isClosed = false
    }

    /// The only names that it collects; nil for all.
    private let sources: Set<String>?
    private let state = AwaitedState(State())

    init(sources: Set<String>? = nil) { self.sources = sources }

    func ring(_ sources: Set<String>) {
        let heard = self.sources.map { $0.intersection(sources) } ?? sources
        if !heard.isEmpty { state.change { $0.ring.sources.formUnion(heard) } }
    }

    func ringAll() {
        state.change { $0.ring.isAll = true }
    }

    /// Lets the present wait and all later ones return at once.
    func close() {
        state.change { $0.isClosed = true }
    }

    /// Whether the next `wait` returns at once.
    var hasRung: Bool { !state.value.ring.isEmpty }

    /// Takes what has rung, waiting at most `seconds` for the first ring; returns early when its task is cancelled.
    func wait(seconds: Double) async -> Ring {
        await state.wait(within: .seconds(seconds)) { !$0.ring.isEmpty || $0.isClosed }
        return state.exchange { State(isClosed: $0.isClosed) }.ring
    }
}
