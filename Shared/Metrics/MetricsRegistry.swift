// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// All metrics of a process; registering a name again hands out the same family.
package final class MetricsRegistry: Sendable {
    /// One value of a callback with its label values.
    package struct Sample: Sendable {
        package let labels: [String]
        package let value: Double

        /// Label values come in the order of the registered names.
        package init(_ value: Double, labels: [String] = []) {
            self.labels = labels
            self.value = value
        }
    }

    enum Kind: Sendable {
        case counter(MetricCells<MetricCell>)
        case gauge(MetricCells<MetricCell>)
        case histogram(MetricCells<HistogramCell>)
        case callback(type: String, labels: [String], read: @Sendable () -> [Sample])
    }

    struct Family: Sendable {
        let name: String
        let help: String
        let kind: Kind
    }

    private let families = Mutex<[String: Family]>([:])

    /// Starts without any metric.
    package init() {}

    /// A counter; its name ends in `_total`.
    package func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total")
        let family = register(name, help, labels) {
            .counter(MetricCells(labels: labels) { MetricCell() })
        }
        guard case .counter(let cells) = family.kind else { preconditionFailure("\(name) is no counter") }
        return Counter(cells: cells)
    }

    /// A gauge.
    package func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
        let family = register(name, help, labels) { .gauge(MetricCells(labels: labels) { MetricCell() }) }
        guard case .gauge(let cells) = family.kind else { preconditionFailure("\(name) is no gauge") }
        return Gauge(cells: cells)
    }

    /// A histogram; the bounds ascend.
    package func histogram(
        _ name: String, _ help: String, labels: [String] = [], buckets: [Double] = Histogram.latencyBuckets
    ) -> Histogram {
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy(<), "bucket bounds ascend")
        let family = register(name, help, labels) {
            .histogram(MetricCells(labels: labels) { HistogramCell(bounds: buckets) })
        }
        guard case .histogram(let cells) = family.kind else { preconditionFailure("\(name) is no histogram") }
        return Histogram(cells: cells)
    }

    /// A gauge that is read when somebody asks; the closure must be quick and must not block.
    ///
    /// Registering the name again replaces the closure.
    package func gauge(
        _ name: String, _ help: String, labels: [String] = [], read: @escaping @Sendable () -> [Sample]
    ) {
        replace(name, help, .callback(type: "gauge", labels: labels, read: read))
    }

    /// A counter that is kept elsewhere and read when somebody asks.
    package func counter(
        _ name: String, _ help: String, labels: [String] = [], read: @escaping @Sendable () -> [Sample]
    ) {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total")
        replace(name, help, .callback(type: "counter", labels: labels, read: read))
    }

    func sortedFamilies() -> [Family] {
        families.withLock { Array($0.values) }.sorted { $0.name < $1.name }
    }

    private func register(
        _ name: String, _ help: String, _ labels: [String], _ make: () -> Kind
    ) -> Family {
        Self.check(name, labels)
        return families.withLock { families in
            if let family = families[name] { return family }
            let family = Family(name: name, help: help, kind: make())
            families[name] = family
            return family
        }
    }

    private func replace(_ name: String, _ help: String, _ kind: Kind) {
        if case .callback(_, let labels, _) = kind { Self.check(name, labels) }
        families.withLock { $0[name] = Family(name: name, help: help, kind: kind) }
    }

    private static func check(_ name: String, _ labels: [String]) {
        for word in [name] + labels {
            let isLegal = word.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case 0x41...0x5A, 0x61...0x7A, 0x5F: true
                case 0x30...0x39: index > 0
                default: false
                }
            }
            precondition(isLegal && !word.isEmpty, "\"\(word)\" is no metric or label name")
        }
    }
}
