// SPDX-License-Identifier: Apache-2.0

/// The exit codes of all Paraph executables, after `sysexits.h`.
package enum ExitCode: Int32, Sendable {
    case success = 0
    /// The command line is wrong.
    case usage = 64
    /// A service failed; the reason is in the log.
    case internalError = 70
    /// The configuration or the database schema has to be changed before another start makes sense.
    case configuration = 78
}

/// Ends the process with a chosen code; anything else that reaches the top ends it with 70.
package struct ServiceExit: Error, Equatable, CustomStringConvertible {
    package let code: ExitCode
    /// Says what the operator has to do next.
    package let reason: String

    /// Takes the reason for the log.
    package init(_ code: ExitCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}
