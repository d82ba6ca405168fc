// SPDX-License-Identifier: Apache-2.0

/// One key that has to be changed before the service starts.
package struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    package let key: String
    /// Nil when the key is missing; never a secret, because those are given by path.
    package let given: String?
    /// In words.
    package let allowed: String

    /// States one mistake.
    package init(key: String, given: String?, allowed: String) {
        self.key = key
        self.given = given
        self.allowed = allowed
    }

    package var description: String {
        if let given { "\(key) is \"\(given)\"; it has to be \(allowed)" } else { "\(key) \(allowed)" }
    }
}

/// All mistakes of one reading.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let mistakes: [ConfigurationMistake]

    /// Collects mistakes; there is at least one.
    package init(mistakes: [ConfigurationMistake]) { self.mistakes = mistakes }

    package var description: String {
        mistakes.map(\.description).joined(separator: "\n")
    }
}
