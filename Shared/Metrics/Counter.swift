// SPDX-License-Identifier: Apache-2.0

/// Counts what happened since the process started; it never goes down.
package struct Counter: Sendable {
    let cells: MetricCells<MetricCell>

    /// Adds to the series with these label values, one for each label in the order of registration.
    package func increment(_ labels: String..., by amount: Double = 1) {
        precondition(amount >= 0, "a counter only counts up")
        cells.cell(labels).add(amount)
    }

    /// The current value of one series, for tests.
    package func value(_ labels: String...) -> Double { cells.cell(labels).value }
}

/// A value that goes up and down.
package struct Gauge: Sendable {
    let cells: MetricCells<MetricCell>

    /// Replaces the value of one series.
    package func set(_ value: Double, _ labels: String...) { cells.cell(labels).set(value) }

    /// Adds a possibly negative amount to one series.
    package func add(_ amount: Double, _ labels: String...) { cells.cell(labels).add(amount) }

    /// The current value of one series, for tests.
    package func value(_ labels: String...) -> Double { cells.cell(labels).value }
}
