// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counts observations in buckets with fixed upper bounds.
package struct Histogram: Sendable {
    /// Bounds in seconds from a millisecond to ten seconds, for requests and transactions.
    package static let latencyBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let cells: MetricCells<HistogramCell>

    /// Counts one value, in seconds for durations.
    package func observe(_ value: Double, _ labels: String...) { cells.cell(labels).observe(value) }

    /// How often one series was observed, for tests.
    package func count(_ labels: String...) -> Int { Int(cells.cell(labels).snapshot().counts.reduce(0, +)) }
}

final class HistogramCell: Sendable {
    struct Snapshot {
        /// One count for each bound and one for all above the last bound; not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func observe(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func snapshot() -> Snapshot { state.withLock { $0 } }
}
