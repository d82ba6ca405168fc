// SPDX-License-Identifier: Apache-2.0

/// What kind of thing went wrong between this process and PostgreSQL.
package enum PostgresErrorCode: String, Sendable, Hashable {
    /// No session could be opened: the server is away, refuses the role, or is starting.
    case connectionFailed = "connection_failed"
    /// The session ended under a statement.
    case connectionLost = "connection_lost"
    /// The server sent nothing for longer than its own timeouts allow.
    case serverSilent = "server_silent"
    /// No session came free within the lease timeout.
    case poolTimeout = "pool_timeout"
    /// The pool has been closed.
    case poolClosed = "pool_closed"
    /// The server refused a statement; `sqlState` says why.
    case server = "server"
    /// COMMIT was answered with ROLLBACK, because an earlier statement had failed.
    case notCommitted = "not_committed"
    /// A value could not be read as the type asked for.
    case decoding = "decoding"
    /// The API was used in a way that it does not allow.
    case misuse = "misuse"
    /// An applied migration differs from the one in this program, or the list of migrations is not in order.
    case migration = "migration"
}

/// An error of this module; it carries no parameter value and no row.
package struct PostgresError: Error, Equatable, CustomStringConvertible {
    /// The kind of failure.
    package let code: PostgresErrorCode
    /// The server's error code, when a server answered.
    package let sqlState: SQLState?
    /// The server's primary message, or what to do next.
    package let message: String
    /// The constraint that was violated, when the server named one.
    package let constraint: String?
    /// The position, in the pipeline, of the statement that failed.
    package let statementIndex: Int?
    /// Whether the work may have been committed all the same: only re-runnable work may be repeated then.
    package let mayHaveCommitted: Bool

    init(
        _ code: PostgresErrorCode, _ message: String, sqlState: SQLState? = nil, constraint: String? = nil,
        statementIndex: Int? = nil, mayHaveCommitted: Bool = false
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.statementIndex = statementIndex
        self.mayHaveCommitted = mayHaveCommitted
    }

    /// Whether the cause passes by itself, so that the whole transaction may be tried again.
    package var isRetriable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .serverSilent, .poolTimeout: true
        case .server: sqlState?.isRetriable ?? false
        case .poolClosed, .notCommitted, .decoding, .misuse, .migration: false
        }
    }

    /// Whether the database refused a row because another has the same key.
    package var isUniqueViolation: Bool { sqlState == .uniqueViolation }

    /// The code, the SQLSTATE and the message.
    package var description: String {
        let state = sqlState.map { " \($0)" } ?? ""
        return "\(code.rawValue)\(state): \(message)"
    }
}
