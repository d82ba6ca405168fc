// SPDX-License-Identifier: Apache-2.0
import Metrics

/// The counters of consumers.
struct MessagingMetrics: Sendable {
    let messages: Counter
    let lag: Histogram

    init(_ registry: MetricsRegistry) {
        messages = registry.counter(
            "paraph_messages_total", "Messages by what became of them.", labels: ["topic", "outcome"])
        lag = registry.histogram(
            "paraph_message_lag_seconds", "Time from writing a message to its handling.", labels: ["topic"],
            buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300])
    }
}
