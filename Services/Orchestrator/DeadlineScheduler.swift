// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import ServiceKit

/// Expires envelopes whose deadline has passed.
///
/// A little later than the deadline itself: a submission that intake accepted in time is then surely applied first.
struct DeadlineScheduler: Service {
    let name = "deadline-scheduler"
    let sweep: EnvelopeSweep
    let graceSeconds: Double

    func run(until shutdown: ShutdownSignal) async throws {
        await sweep.run(name, until: shutdown) { try await tick() }
    }

    /// Expires what is due and answers how many envelopes were looked at.
    func tick() async throws -> Int {
        let now = sweep.clock.now()
        let due = now.advanced(bySeconds: -graceSeconds)
        return try await sweep.apply(
            .deadline, to: WorkflowStore.expired(by: due, limit: EnvelopeSweep.chunk), at: now)
    }
}
