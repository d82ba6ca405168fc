// SPDX-License-Identifier: Apache-2.0

/// A message that no repetition can make succeed; it goes to the dead letters at once.
package struct PermanentFailure: Error, Hashable {
    /// A stable snake_case word for metrics and operators.
    package let code: String
    /// Ids, names of fields and states only: nothing personal.
    package let detail: String

    /// Says why in words that may be logged.
    package init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// Something outside is away (a store, a mail server); the message waits with back-off and never becomes a dead letter.
package struct TransientFailure: Error, Hashable {
    /// A stable snake_case word for metrics and operators.
    package let code: String

    /// Names what is away.
    package init(code: String) {
        self.code = code
    }
}
