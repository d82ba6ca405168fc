// SPDX-License-Identifier: Apache-2.0

/// A command that could not do its work: the message says what to do next, the code is the process's exit code.
struct CommandFailure: Error {
    /// Exit code 65 (`EX_DATAERR`): the input cannot be read as what it should be.
    static let unreadable: Int32 = 65

    /// Exit code 3: the input can be read, but what it says or what was asked forbids the work.
    static let refused: Int32 = 3

    /// Exit code 73 (`EX_CANTCREAT`): the output cannot be written.
    static let unwritable: Int32 = 73

    let message: String
    let exitCode: Int32

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }
}
