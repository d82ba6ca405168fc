// SPDX-License-Identifier: Apache-2.0

/// A command that could not do its work: the message says what to do next, the code is the process's exit code.
struct CommandFailure: Error {
    /// Exit code 65 (`EX_DATAERR`): the input cannot be read as what it should be.
    static let unreadable: Int32 = 65

    let message: String
    let exitCode: Int32

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }
}
