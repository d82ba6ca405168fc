// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A value that one task at a time waits for and any task changes.
package final class AwaitedState<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    /// Starts with this value.
    package init(_ value: Value) { state = Mutex(State(value: value)) }

    /// The value as it is now.
    package var value: Value { state.withLock { $0.value } }

    /// Changes the value and has the waiting task look at it.
    package func change(_ body: (inout Value) -> Void) {
        state.withLock { state in
            body(&state.value)
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    /// Puts another value in the place of the present one, which it answers; wakes nobody.
    package func exchange(_ next: (Value) -> Value) -> Value {
        state.withLock { state in
            defer { state.value = next(state.value) }
            return state.value
        }
    }

    /// Waits until `isReached` holds, the time is over or the task is cancelled: look at the value afterwards.
    package func wait(within time: Duration, until isReached: @escaping @Sendable (Value) -> Bool) async {
        guard time > .zero, !isReached(value) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: time) }
            group.addTask { await self.waitForChange(unless: isReached) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForChange(unless isReached: (Value) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isReached(state.value) || Task.isCancelled { return true }
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
}
