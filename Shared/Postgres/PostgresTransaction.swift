// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The statements of one transaction on one leased session; valid inside `withTransaction` only.
package struct PostgresTransaction: Sendable {
    private let session: PostgresSession
    private let state: TransactionState

    init(session: PostgresSession, state: TransactionState) {
        self.session = session
        self.state = state
    }

    /// Runs one statement; the transaction's first one carries BEGIN in the same round trip.
    ///
    /// - Throws: `PostgresError`; after one with the code `server` only ROLLBACK TO SAVEPOINT or leaving is of use.
    package func execute(_ statement: PostgresStatement) async throws -> PostgresResult {
        try await pipeline([statement]).first ?? .empty
    }

    /// Runs statements in one round trip; the first that fails ends the pipeline and is the error's `statementIndex`.
    package func pipeline(_ statements: [PostgresStatement]) async throws -> [PostgresResult] {
        try Task.checkCancellation()
        return try await session.run(statements, in: state, committing: false)
    }

    /// Runs the last statements and COMMIT in one round trip; the body must do nothing afterwards.
    ///
    /// - Throws: `PostgresError`; nothing was committed unless its `mayHaveCommitted` is true.
    package func pipelineAndCommit(_ statements: [PostgresStatement]) async throws -> [PostgresResult] {
        try Task.checkCancellation()
        return try await session.run(statements, in: state, committing: true)
    }

    /// Registers an action for the time after the commit, before `withTransaction` returns; never run on rollback.
    package func onCommit(_ action: @escaping @Sendable () -> Void) {
        state.append(action)
    }
}

/// How far a transaction got, shared by the pool, which reads it, and the session, which moves it.
final class TransactionState: Sendable {
    enum Phase {
        case notBegun
        case open
        case committed
        case ended
    }

    private let content = Mutex<(phase: Phase, actions: [@Sendable () -> Void])>((.notBegun, []))

    var phase: Phase {
        get { content.withLock { $0.phase } }
        set { content.withLock { $0.phase = newValue } }
    }

    func append(_ action: @escaping @Sendable () -> Void) {
        content.withLock { $0.actions.append(action) }
    }

    /// Runs the registered actions, once, when the transaction was committed.
    func runActionsIfCommitted() {
        let actions = content.withLock { content in
            defer { content.actions = [] }
            return content.phase == .committed ? content.actions : []
        }
        for action in actions { action() }
    }
}
