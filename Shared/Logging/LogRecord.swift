// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// One event as it is handed to a writer.
package struct LogRecord: Sendable {
    package let time: Instant
    package let level: LogLevel
    package let service: String
    /// A constant of the program; what varies is in the fields.
    package let message: String
    /// Sorted by name.
    package let fields: [(key: LogKey, value: LogValue)]
}

/// Where log lines go.
package protocol LogWriter: Sendable {
    /// Writes one record as a whole; called from many tasks at once.
    func write(_ record: LogRecord)
}
