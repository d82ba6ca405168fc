// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs blocking calls one after the other on a thread of its own, off the cooperative pool.
///
/// Either an actor's executor (`unownedExecutor`), or a queue for single calls (`run`).
package final class BlockingExecutor: SerialExecutor, TaskExecutor {
    private let queue: DispatchQueue

    /// The label names the thread in debuggers.
    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            unsafe job.runSynchronously(
                isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
        }
    }

    /// Waits for the calls before this one, then runs the body; cancellation does not interrupt it.
    package func run<R: Sendable>(_ body: @Sendable @escaping () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
