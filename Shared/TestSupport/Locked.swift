// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that several closures of a test share.
package final class Locked<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    /// Begins with a value.
    package init(_ value: Value) { content = Mutex(value) }

    /// The value now.
    package var value: Value { content.withLock { $0 } }

    /// Changes the value while nobody else does.
    package func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        content.withLock { value in
            let result = body(&value)
            return result
        }
    }
}
