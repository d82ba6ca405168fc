// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// Keeps log records so that a test can look at them.
package final class MemoryLogWriter: LogWriter {
    private let content = Mutex<[LogRecord]>([])

    /// Begins without records.
    package init() {}

    /// Everything written so far, in order.
    package var records: [LogRecord] { content.withLock { $0 } }

    /// The constant messages written so far, in order.
    package var messages: [String] { records.map(\.message) }

    /// A logger at debug level that writes here.
    package var logger: Logger { Logger(service: "test", level: .debug, writer: self) }

    package func write(_ record: LogRecord) {
        content.withLock { $0.append(record) }
    }
}
