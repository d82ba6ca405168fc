// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Metrics

/// What the orchestrator counts.
struct WorkflowMetrics: Sendable {
    private let transitions: Counter
    private let completion: Histogram
    private let refusals: Counter
    private let reissues: Counter

    init(_ registry: MetricsRegistry) {
        transitions = registry.counter(
            "paraph_envelopes_total", "Envelopes that reached a status.", labels: ["status"])
        completion = registry.histogram(
            "paraph_envelope_completion_seconds", "Time from sending to completion.",
            buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 86_400, 604_800, 2_592_000])
        refusals = registry.counter(
            "paraph_transitions_refused_total", "Inputs that did not fit the state of their envelope.",
            labels: ["code"])
        reissues = registry.counter(
            "paraph_jobs_reissued_total", "Jobs issued again because no answer came.")
    }

    /// What one input changed; gathered in the transaction and counted after its commit.
    struct Change: Sendable {
        var reached: [EnvelopeStatus] = []
        var completionSeconds: [Double] = []
        var refused: [TransitionError.Code] = []
        var reissued = 0
    }

    func count(_ change: Change) {
        for status in change.reached { transitions.increment(status.rawValue) }
        for seconds in change.completionSeconds { completion.observe(seconds) }
        for code in change.refused { refusals.increment(code.rawValue) }
        if change.reissued > 0 { reissues.increment(by: Double(change.reissued)) }
    }
}

extension WorkflowMetrics.Change {
    /// Notes where an input took an envelope; `before` is nil for a new one.
    mutating func note(from before: EnvelopeStatus?, to envelope: Envelope) {
        guard before != envelope.status else { return }
        // Preparation and sending fall into one step where the sender released the draft already.
        if before == .draft, envelope.status == .sent { reached.append(.prepared) }
        reached.append(envelope.status)
        if envelope.status == .completed, let sent = envelope.sentAt, let completed = envelope.completedAt {
            completionSeconds.append(max(0, completed.seconds(since: sent)))
        }
    }
}
