// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import FoundationEssentials
import Logging
import Synchronization
import Testing
import Tracing

struct LoggerTests {
    private final class Lines: Sendable {
        private let content = Mutex<[[UInt8]]>([])
        func append(_ line: [UInt8]) { content.withLock { $0.append(line) } }
        var all: [[UInt8]] { content.withLock { $0 } }
        var text: String { all.map { String(decoding: $0, as: UTF8.self) }.joined() }
    }

    private let lines = Lines()

    private func logger(_ level: LogLevel = .info, _ format: LineLogWriter.Format = .json) -> Logger {
        let writer = LineLogWriter(format: format) { [lines] in lines.append($0) }
        let clock = ManualClock(Instant(microseconds: 1_795_176_000_123_456)).clock
        return Logger(service: "paraph-test", level: level, writer: writer, clock: clock)
    }

    @Test func `a line is one JSON object with sorted fields`() {
        logger().info(
            "envelope sent", [.lane: 3, .envelopeID: .string("e\"1\n"), .seconds: 0.5, .state: .strings(["a"])])
        #expect(
            lines.text == #"{"time":"2026-11-20T12:00:00.123456Z","level":"info","service":"paraph-test","#
                + #""message":"envelope sent","envelope.id":"e\"1\n","lane":3,"seconds":0.5,"state":["a"]}"# + "\n")
    }

    @Test func `text for a person shows the same fields`() {
        logger(.info, .text).warning("lane lost", [.lane: 3])
        #expect(lines.text == "12:00:00.123Z WARNING paraph-test  lane lost  lane=3\n")
    }

    @Test func `lines below the level are not even made`() {
        func never() -> [LogKey: LogValue] {
            Issue.record("the fields were made")
            return [:]
        }
        logger(.warning).info("quiet", never())
        #expect(lines.all.isEmpty)
    }

    @Test func `the correlation id of the task is in every line`() throws {
        let correlationID = try #require(CorrelationID("c-1"))
        let context = TraceContext.root()
        Trace.$current.withValue(TraceScope(correlationID: correlationID, traceContext: context)) {
            logger().info("work")
        }
        let value = try JSONValue(parsing: lines.all[0].dropLast())
        #expect(value["correlation.id"] == "c-1")
        #expect(value["trace.id"]?.stringValue == context.traceID)
    }

    @Test func `lines of many tasks stay whole`() async throws {
        let logger = logger()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for count in 0..<500 { logger.info("work", [.count: .int(count)]) } } }
        }
        #expect(lines.all.count == 4000)
        for line in lines.all { _ = try JSONValue(parsing: line.dropLast()) }
    }
}

extension JSONValue {
    fileprivate init(parsing bytes: ArraySlice<UInt8>) throws { try self.init(parsing: Array(bytes)) }
}
