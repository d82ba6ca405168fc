// SPDX-License-Identifier: Apache-2.0

/// Clean-up that has to happen although the current task may be cancelled.
package enum Shielded {
    /// Runs the body in a task that does not inherit cancellation, and waits for it; keep it short.
    package static func run<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        try await Task { try await body() }.value
    }
}
