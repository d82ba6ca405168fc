// SPDX-License-Identifier: Apache-2.0

import CPostgres
import ServiceKit

/// One session with its own thread; it opens its connection when first used and again after it was lost.
///
/// Every method is one hop to that thread. A connection whose state is uncertain is closed at once, so what a method
/// leaves behind is a session outside any transaction, one inside the caller's transaction, or none.
actor PostgresSession {
    private static let begin = PostgresStatement("begin")
    private static let commit = PostgresStatement("commit")
    private static let rollback = PostgresStatement("rollback")

    private let configuration: PostgresConfiguration
    private let observer: PoolObserver
    private let executor: BlockingExecutor
    private var connection: PostgresConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ configuration: PostgresConfiguration, observer: PoolObserver) {
        self.configuration = configuration
        self.observer = observer
        executor = BlockingExecutor(label: "paraph.postgres")
    }

    isolated deinit { close() }

    /// Runs statements as one implicit transaction.
    func autocommit(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        let connection = try openConnection()
        do throws(PostgresError) {
            var exchange = PipelineExchange(connection, statementCount: statements.count, commits: true)
            let results = try exchange.run(statements)
            // A bare BEGIN would leave the session in a transaction that nobody ends.
            if connection.isInTransaction { close() }
            return results
        } catch {
            if !isReusable(after: error) || connection.isInTransaction { close() }
            throw observer.noting(error)
        }
    }

    /// Runs statements in a transaction, with BEGIN in front of the first and COMMIT behind the last.
    func run(
        _ statements: [PostgresStatement], in transaction: TransactionState, committing: Bool
    ) throws(PostgresError) -> [PostgresResult] {
        let isFirst: Bool
        switch transaction.phase {
        case .notBegun: isFirst = true
        case .open: isFirst = false
        case .committed, .ended:
            throw PostgresError(
                .misuse, "the transaction is over; do nothing after pipelineAndCommit or the body's end")
        }
        if statements.isEmpty && (isFirst || !committing) {
            if committing { transaction.phase = .committed }
            return []
        }
        let connection = isFirst ? try openConnection() : try currentConnection(of: transaction)
        let pipeline = (isFirst ? [Self.begin] : []) + statements + (committing ? [Self.commit] : [])
        do throws(PostgresError) {
            var exchange = PipelineExchange(
                connection, statementCount: pipeline.count, commits: committing, leading: isFirst ? 1 : 0)
            let results = try exchange.run(pipeline)
            if committing && (exchange.wasRolledBack || connection.isInTransaction) {
                throw PostgresError(.notCommitted, "COMMIT was answered with ROLLBACK: an earlier statement had failed")
            }
            transaction.phase = committing ? .committed : .open
            return Array(results.dropFirst(isFirst ? 1 : 0).dropLast(committing ? 1 : 0))
        } catch {
            settle(transaction, after: error, rollingBack: committing)
            throw observer.noting(error)
        }
    }

    /// Ends a transaction without effect; a session that cannot do that is closed, which has the same effect.
    func rollBack(_ transaction: TransactionState) {
        guard transaction.phase == .open else { return }
        transaction.phase = .ended
        rollBackOrClose()
    }

    /// Closes the connection; the next use opens another.
    func close() {
        guard connection != nil else { return }
        connection = nil
        observer.sessionClosed()
    }

    // MARK: - Connection

    /// A connection outside any transaction, opened anew when the old one is gone.
    private func openConnection() throws(PostgresError) -> PostgresConnection {
        if let connection {
            if connection.isStillOpen() { return connection }
            close()
        }
        do throws(PostgresError) {
            let opened = try PostgresConnection(configuration)
            connection = opened
            observer.sessionOpened()
            return opened
        } catch {
            observer.connectFailed(error)
            throw observer.noting(error)
        }
    }

    private func currentConnection(of transaction: TransactionState) throws(PostgresError) -> PostgresConnection {
        guard let connection else {
            transaction.phase = .ended
            throw PostgresError(.connectionLost, "the transaction's session was lost; run it again from the start")
        }
        return connection
    }

    // MARK: - After an error

    private func settle(_ transaction: TransactionState, after error: PostgresError, rollingBack: Bool) {
        if !isReusable(after: error) {
            transaction.phase = .ended
            close()
        } else if connection?.isInTransaction != true {
            transaction.phase = .ended
        } else if rollingBack {
            transaction.phase = .ended
            rollBackOrClose()
        } else {
            transaction.phase = .open
        }
    }

    /// Whether the connection's state is still known: the server itself refused a statement and the pipeline ended.
    private func isReusable(after error: PostgresError) -> Bool {
        guard error.code == .server || error.code == .notCommitted, connection?.isOpen == true else { return false }
        // A prepared statement that the server no longer has, or whose result type changed: prepare all of them anew.
        return error.sqlState != SQLState("26000") && error.sqlState != SQLState("0A000")
    }

    private func rollBackOrClose() {
        guard let connection else { return }
        do throws(PostgresError) {
            var exchange = PipelineExchange(connection, statementCount: 1, commits: false)
            _ = try exchange.run([Self.rollback])
            if connection.isInTransaction { close() }
        } catch {
            close()
        }
    }
}
