// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Tells one service to finish; it is triggered once and stays so.
package final class ShutdownSignal: Sendable {
    private struct State {
        var isTriggered = false
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Starts untriggered.
    package init() {}

    /// Whether the service has to stop.
    package var isTriggered: Bool { state.withLock { $0.isTriggered } }

    /// Wakes all waiters; further calls do nothing.
    package func trigger() {
        let waiters = state.withLock { state in
            state.isTriggered = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the signal is triggered or the current task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The flag is read under the lock that the handler takes, so one of the two always resumes.
                    if state.isTriggered || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Sleeps for the time, or until shutdown.
    /// - Returns: True when the service has to stop: the signal is triggered or the task is cancelled.
    @discardableResult
    package func race(seconds: Double) async -> Bool {
        if isTriggered || Task.isCancelled { return true }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
            await group.next()
            group.cancelAll()
        }
        return isTriggered || Task.isCancelled
    }
}
