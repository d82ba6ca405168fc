// SPDX-License-Identifier: Apache-2.0

/// Bytes that must not appear in any output; every textual form of it is `[redacted]`.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself; never pass it to a log, an error or a metric.
    package let bytes: [UInt8]

    /// Takes the secret as it is, with all its bytes.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The secret as UTF-8 text, for passwords that a library wants as a string.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
