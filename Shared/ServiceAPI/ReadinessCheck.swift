// SPDX-License-Identifier: Apache-2.0

/// One thing that a service works with, and whether it can work without it.
package struct ReadinessCheck: Sendable {
    package let name: String
    /// A required one that fails makes `/readyz` answer 503; any other only shows as degraded.
    package let isRequired: Bool
    let check: @Sendable () async -> Bool

    /// The check answers within the listener's patience of 2 s, or counts as failed.
    package init(name: String, isRequired: Bool, check: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.isRequired = isRequired
        self.check = check
    }
}
