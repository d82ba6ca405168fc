// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The process's standard output or error as a place to write whole records.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Hands the bytes to one write(2) call; only a call that took a part is followed by another.
    /// - Returns: False when the reader is gone or the descriptor is closed.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        Descriptor.writeAll(bytes, to: rawValue) == 0
    }

    /// Whether a person looks at it.
    package var isTerminal: Bool { isatty(rawValue) == 1 }
}
