// SPDX-License-Identifier: Apache-2.0

/// The five-character error code of a PostgreSQL server (PostgreSQL manual, appendix A).
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    /// The five characters, such as `23505`.
    package let code: String

    /// Wraps a code as the server sent it.
    package init(_ code: String) {
        self.code = code
    }

    /// The two characters that name the class, such as `23` for constraint violations.
    package var errorClass: String { String(code.prefix(2)) }

    /// The code itself.
    package var description: String { code }

    /// Whether the same work, started again, can succeed without anybody changing it.
    package var isRetriable: Bool {
        switch errorClass {
        case "08", "53", "57", "58": true
        default: Self.retriable.contains(code)
        }
    }

    private static let retriable: Set<String> = ["40001", "40P01", "40003", "55P03", "55006", "25P03"]

    /// A row broke a unique constraint.
    package static let uniqueViolation = SQLState("23505")
    /// A row refers to one that does not exist.
    package static let foreignKeyViolation = SQLState("23503")
    /// A row broke a check constraint.
    package static let checkViolation = SQLState("23514")
    /// Two transactions could not be ordered one after the other.
    package static let serializationFailure = SQLState("40001")
    /// Two transactions waited for each other and this one was chosen to end.
    package static let deadlockDetected = SQLState("40P01")
    /// A lock was not free within `lock_timeout`, or at once for `NOWAIT`.
    package static let lockNotAvailable = SQLState("55P03")
    /// A statement ran into `statement_timeout` or was cancelled.
    package static let queryCanceled = SQLState("57014")
    /// The role has no right to do this.
    package static let insufficientPrivilege = SQLState("42501")
    /// The table or view does not exist, or is not in the search path.
    package static let undefinedTable = SQLState("42P01")
}
