// SPDX-License-Identifier: Apache-2.0
import Metrics

/// The metrics of consumers.
struct MessagingMetrics: Sendable {
    let messages: Counter
    let lag: Histogram
    let heldStreams: Gauge

    init(_ registry: MetricsRegistry) {
        messages = registry.counter(
            "paraph_messages_total", "Messages by what became of them.", labels: ["topic", "outcome"])
        lag = registry.histogram(
            "paraph_message_lag_seconds", "Time from writing a message to its handling.", labels: ["topic"],
            buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300])
        heldStreams = registry.gauge(
            "paraph_held_streams", "Streams whose next message has been missing for 10 s while later ones are there.",
            labels: ["topic"])
    }
}
