// SPDX-License-Identifier: Apache-2.0
import ServiceKit
import Synchronization

/// A few threads for blocking calls that may run beside one another; each call goes to the least loaded one.
package final class BlockingPool: Sendable {
    private let executors: [BlockingExecutor]
    private let load: Mutex<[Int]>

    /// A thread is used only while it has calls; `width` bounds how many run at once.
    package init(label: String, width: Int) {
        precondition(width > 0, "a pool needs a thread")
        executors = (0..<width).map { BlockingExecutor(label: "\(label).\($0)") }
        load = Mutex(Array(repeating: 0, count: width))
    }

    /// Runs the body on one of the threads; cancellation does not interrupt it.
    package func run<Result: Sendable>(_ body: @Sendable @escaping () throws -> Result) async throws -> Result {
        let chosen = load.withLock { load in
            let least = load.indices.min { load[$0] < load[$1] } ?? 0
            load[least] += 1
            return least
        }
        defer { load.withLock { $0[chosen] -= 1 } }
        return try await executors[chosen].run(body)
    }
}
