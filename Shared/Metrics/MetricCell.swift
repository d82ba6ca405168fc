// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One number that many tasks change; the bits of a double, so that counts and seconds share one type.
final class MetricCell: Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}

/// The cells of one family by their label values; without labels the single cell needs no lookup.
final class MetricCells<Cell: AnyObject & Sendable>: Sendable {
    let labels: [String]
    private let make: @Sendable () -> Cell
    private let unlabelled: Cell?
    private let labelled = Mutex<[[String]: Cell]>([:])

    init(labels: [String], make: @escaping @Sendable () -> Cell) {
        self.labels = labels
        self.make = make
        unlabelled = labels.isEmpty ? make() : nil
    }

    func cell(_ values: [String]) -> Cell {
        precondition(values.count == labels.count, "a metric takes one value for each of its labels")
        if let unlabelled { return unlabelled }
        return labelled.withLock { cells in
            if let cell = cells[values] { return cell }
            let cell = make()
            cells[values] = cell
            return cell
        }
    }

    /// In the order of their label values.
    func all() -> [(values: [String], cell: Cell)] {
        if let unlabelled { return [([], unlabelled)] }
        return labelled.withLock { cells in cells.map { (values: $0.key, cell: $0.value) } }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
}
