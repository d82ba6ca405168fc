// SPDX-License-Identifier: Apache-2.0
package import Clocks
import Tracing

/// Writes structured events; the correlation id and trace id of the current task are added to each.
package struct Logger: Sendable {
    package let service: String
    package let level: LogLevel
    private let writer: any LogWriter
    private let clock: BusinessClock

    /// Lines carry the system clock's time even when business time is shifted, so that they match other systems.
    package init(
        service: String, level: LogLevel = .info, writer: any LogWriter, clock: BusinessClock = .system
    ) {
        self.service = service
        self.level = level
        self.writer = writer
        self.clock = clock
    }

    /// A logger that writes nothing.
    package static let disabled = Logger(service: "", level: .error, writer: SilentLogWriter())

    /// For finding a fault; off in production.
    package func debug(_ message: StaticString, _ fields: @autoclosure () -> [LogKey: LogValue] = [:]) {
        log(.debug, message, fields)
    }

    /// Normal work: ids and transitions.
    package func info(_ message: StaticString, _ fields: @autoclosure () -> [LogKey: LogValue] = [:]) {
        log(.info, message, fields)
    }

    /// Rare and normal.
    package func notice(_ message: StaticString, _ fields: @autoclosure () -> [LogKey: LogValue] = [:]) {
        log(.notice, message, fields)
    }

    /// Something works only in part, or will fail soon.
    package func warning(_ message: StaticString, _ fields: @autoclosure () -> [LogKey: LogValue] = [:]) {
        log(.warning, message, fields)
    }

    /// Somebody has to act.
    package func error(_ message: StaticString, _ fields: @autoclosure () -> [LogKey: LogValue] = [:]) {
        log(.error, message, fields)
    }

    private func log(_ level: LogLevel, _ message: StaticString, _ fields: () -> [LogKey: LogValue]) {
        guard level >= self.level else { return }
        var fields = fields()
        if let scope = Trace.current {
            fields[.correlationID] = .string(scope.correlationID.text)
            fields[.traceID] = .string(scope.traceContext.traceID)
        }
        writer.write(
            LogRecord(
                time: clock.now(), level: level, service: service, message: message.description,
                fields: fields.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }))
    }
}

extension LogKey {
    package static let correlationID = LogKey("correlation.id")
    package static let traceID = LogKey("trace.id")
}

private struct SilentLogWriter: LogWriter {
    func write(_ record: LogRecord) {}
}
