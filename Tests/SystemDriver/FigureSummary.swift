// SPDX-License-Identifier: Apache-2.0

/// Percentiles of what was measured.
package struct FigureSummary: Sendable {
    private let sorted: [Double]

    package init(_ values: [Double]) { sorted = values.sorted() }

    package var count: Int { sorted.count }
    package var largest: Double { sorted.last ?? 0 }

    /// The smallest value that this share of all does not exceed (nearest rank); 0 when nothing was measured.
    package func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

extension Duration {
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
