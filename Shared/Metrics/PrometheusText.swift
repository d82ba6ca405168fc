// SPDX-License-Identifier: Apache-2.0

extension MetricsRegistry {
    /// The content type of `prometheusText()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Everything in the Prometheus text format 0.0.4, families and series in a stable order.
    package func prometheusText() -> String {
        var writer = PrometheusWriter()
        for family in sortedFamilies() { writer.write(family) }
        return writer.text
    }
}

private struct PrometheusWriter {
    var text = ""

    mutating func write(_ family: MetricsRegistry.Family) {
        let name = family.name
        switch family.kind {
        case .counter(let cells):
            write(name, family.help, "counter", cells)
        case .gauge(let cells):
            write(name, family.help, "gauge", cells)
        case .histogram(let cells):
            let all = cells.all()
            guard !all.isEmpty else { return }
            writeHead(name, family.help, "histogram")
            for (values, cell) in all { writeHistogram(name, cells.labels, values, cell) }
        case .callback(let type, let labels, let read):
            let samples = read()
            guard !samples.isEmpty else { return }
            writeHead(name, family.help, type)
            for sample in samples { writeSample(name, labels, sample.labels, sample.value) }
        }
    }

    private mutating func write(_ name: String, _ help: String, _ type: String, _ cells: MetricCells<MetricCell>) {
        let all = cells.all()
        guard !all.isEmpty else { return }
        writeHead(name, help, type)
        for (values, cell) in all { writeSample(name, cells.labels, values, cell.value) }
    }

    private mutating func writeHistogram(
        _ name: String, _ labels: [String], _ values: [String], _ cell: HistogramCell
    ) {
        let snapshot = cell.snapshot()
        var cumulative: UInt64 = 0
        for (bound, count) in zip(cell.bounds, snapshot.counts) {
            cumulative += count
            writeSample("\(name)_bucket", labels + ["le"], values + [Self.number(bound)], Double(cumulative))
        }
        cumulative += snapshot.counts.last ?? 0
        writeSample("\(name)_bucket", labels + ["le"], values + ["+Inf"], Double(cumulative))
        writeSample("\(name)_sum", labels, values, snapshot.sum)
        writeSample("\(name)_count", labels, values, Double(cumulative))
    }

    private mutating func writeHead(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func writeSample(_ name: String, _ labels: [String], _ values: [String], _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = zip(labels, values).map { "\($0)=\"\(Self.escape($1, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
