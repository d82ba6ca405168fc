// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import ServiceKit

/// Issues jobs and evidence again that got no answer, under their old ids, so that a late answer is a duplicate.
struct ReconciliationSweep: Service {
    let name = "reconciliation-sweep"
    let sweep: EnvelopeSweep
    let patienceSeconds: Double

    func run(until shutdown: ShutdownSignal) async throws {
        await sweep.run(name, until: shutdown) { try await tick() }
    }

    /// Issues again what is overdue and answers how many envelopes were looked at.
    func tick() async throws -> Int {
        let now = sweep.clock.now()
        let limit = now.advanced(bySeconds: -patienceSeconds)
        return try await sweep.apply(
            .reissue(issuedBefore: limit), to: WorkflowStore.unanswered(since: limit, count: EnvelopeSweep.chunk),
            at: now)
    }
}
