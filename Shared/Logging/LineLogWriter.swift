// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
package import FileSystem
import Synchronization

/// Writes each record as one line with one write(2) call; lines of several tasks never mix.
package final class LineLogWriter: LogWriter {
    /// How a line looks.
    package enum Format: String, Sendable, CaseIterable {
        /// One JSON object a line, for collectors.
        case json
        /// Aligned words, for a person at a terminal.
        case text
    }

    private let format: Format
    private let sink: @Sendable ([UInt8]) -> Void
    private let lock = Mutex<Void>(())

    /// Writes to a standard stream; without a format a terminal gets text and everything else JSON.
    package convenience init(format: Format? = nil, stream: StandardStream = .output) {
        self.init(format: format ?? (stream.isTerminal ? .text : .json), sink: { stream.write($0) })
    }

    /// Hands each finished line to the sink, one at a time.
    package init(format: Format, sink: @escaping @Sendable ([UInt8]) -> Void) {
        self.format = format
        self.sink = sink
    }

    package func write(_ record: LogRecord) {
        let line = format == .json ? Self.json(record) : Self.text(record)
        lock.withLock { _ in sink(line) }
    }

    private static func json(_ record: LogRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "{\"time\":\"".utf8)
        line.append(contentsOf: record.time.rfc3339(fractionDigits: 6).utf8)
        line.append(contentsOf: "\",\"level\":\"".utf8)
        line.append(contentsOf: record.level.rawValue.utf8)
        line.append(contentsOf: "\",\"service\":".utf8)
        JSONText.writeString(record.service, into: &line)
        line.append(contentsOf: ",\"message\":".utf8)
        JSONText.writeString(record.message, into: &line)
        for (key, value) in record.fields {
            line.append(UInt8(ascii: ","))
            JSONText.writeString(key.name, into: &line)
            line.append(UInt8(ascii: ":"))
            append(value, to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        return line
    }

    private static func append(_ value: LogValue, to line: inout [UInt8]) {
        switch value {
        case .string(let text): JSONText.writeString(text, into: &line)
        case .int(let number): line.append(contentsOf: String(number).utf8)
        case .double(let number):
            line.append(contentsOf: (number.isFinite ? ECMAScriptNumber.text(of: number) : "null").utf8)
        case .bool(let flag): line.append(contentsOf: (flag ? "true" : "false").utf8)
        case .strings(let texts):
            line.append(UInt8(ascii: "["))
            for (index, text) in texts.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                JSONText.writeString(text, into: &line)
            }
            line.append(UInt8(ascii: "]"))
        }
    }

    private static func text(_ record: LogRecord) -> [UInt8] {
        let time = record.time.rfc3339(fractionDigits: 3).dropFirst(11)
        let level = record.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.count))
        var line = Array("\(time) \(level)\(padding)\(record.service)  \(record.message)".utf8)
        for (key, value) in record.fields {
            line.append(contentsOf: "  \(key.name)=".utf8)
            append(value, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }
}
