// SPDX-License-Identifier: Apache-2.0

import CPostgres

/// One pipeline: statements go out, their results come in, and one sync ends it.
///
/// Results are read while statements are still being written, so that neither side can block the other however large
/// the pipeline is (PostgreSQL manual, 34.5.1.1).
struct PipelineExchange: ~Copyable {
    /// What was sent, in order; each is answered by exactly one result.
    private enum Command {
        case deallocate
        case prepare(sql: String, name: String)
        case execute(statement: Int)
    }

    private static let flushThreshold = 128 * 1024

    private let connection: PostgresConnection
    private let silenceLimitMilliseconds: Int32
    /// Whether losing the connection from here on leaves open if the work was committed.
    private let commits: Bool
    /// How many statements stand before the caller's first one.
    private let leading: Int
    private var commands: [Command] = []
    private var answered = 0
    private var isSynced = false
    private var results: [PostgresResult] = []
    private var lastCommandTag = ""
    private var failure: PostgresError?

    /// - Parameters:
    ///   - commits: whether the server commits at the end of this pipeline.
    ///   - leading: how many statements, such as BEGIN, stand before the caller's.
    init(_ connection: PostgresConnection, statementCount: Int, commits: Bool, leading: Int = 0) {
        self.connection = connection
        self.commits = commits
        self.leading = leading
        silenceLimitMilliseconds = connection.configuration.silenceLimitMilliseconds(statements: statementCount)
        commands.reserveCapacity(statementCount + 4)
        results.reserveCapacity(statementCount)
    }

    /// Runs the statements and returns one result for each.
    ///
    /// - Throws: `PostgresError` of the first statement that failed; those after it were not run.
    mutating func run(_ statements: borrowing [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        var unflushed = 0
        for index in statements.indices {
            unflushed += try send(statements[index], index)
            guard unflushed >= Self.flushThreshold else { continue }
            try flush()
            unflushed = 0
        }
        guard PQpipelineSync(connection.raw) == 1 else { throw lost() }
        try flush()
        while true {
            try collect()
            if isSynced { break }
            try waitForServer(forOutput: false)
        }
        if let failure { throw failure }
        return results
    }

    /// Whether the last statement was a COMMIT that the server turned into a ROLLBACK.
    var wasRolledBack: Bool { lastCommandTag == "ROLLBACK" }

    // MARK: - Sending

    /// Queues one statement, prepared first where it is new; returns about how many bytes that was.
    private mutating func send(_ statement: PostgresStatement, _ index: Int) throws(PostgresError) -> Int {
        let raw = connection.raw
        let plan = connection.statements.plan(for: statement)
        if let evicted = plan.evicted {
            try check(PQsendQueryParams(raw, "deallocate \(evicted)", 0, nil, nil, nil, nil, 1))
            commands.append(.deallocate)
        }
        if plan.mustPrepare {
            let types = statement.parameters.map(TypeOID.of)
            try check(PQsendPrepare(raw, plan.name, statement.sql, Int32(types.count), types))
            commands.append(.prepare(sql: statement.sql, name: plan.name))
        }
        try check(sendExecute(plan.name, statement.parameters))
        commands.append(.execute(statement: index))
        return connection.parameters.bytes.count + 64
    }

    private func sendExecute(_ name: String, _ values: [PostgresValue]) -> Int32 {
        guard !values.isEmpty else {
            return PQsendQueryPrepared(connection.raw, name, 0, nil, nil, nil, 1)
        }
        connection.parameters.encode(values)
        let slots = connection.parameters.slots
        let lengths = slots.map { Int32(truncatingIfNeeded: $0.length ?? 0) }
        let formats = [Int32](repeating: 1, count: slots.count)
        return connection.parameters.bytes.withUnsafeBytes { buffer in
            // libpq copies the values before it returns.
            let pointers = slots.map { slot -> UnsafePointer<CChar>? in
                guard slot.length != nil, let base = buffer.baseAddress else { return nil }
                return base.advanced(by: slot.offset).assumingMemoryBound(to: CChar.self)
            }
            return PQsendQueryPrepared(
                connection.raw, name, Int32(slots.count), pointers, lengths, formats, 1)
        }
    }

    private func check(_ accepted: Int32) throws(PostgresError) {
        guard accepted == 1 else {
            guard connection.isOpen else { throw lost() }
            throw PostgresError(.misuse, PostgresConnection.lastMessage(connection.raw))
        }
    }

    /// Writes everything that is queued, and takes in what the server sends meanwhile.
    private mutating func flush() throws(PostgresError) {
        while true {
            let pending = PQflush(connection.raw)
            guard pending >= 0 else { throw lost() }
            if pending == 0 { return }
            try waitForServer(forOutput: true)
            try collect()
        }
    }

    // MARK: - Receiving

    private func waitForServer(forOutput: Bool) throws(PostgresError) {
        guard connection.wait(forOutput: forOutput, milliseconds: silenceLimitMilliseconds) else {
            throw PostgresError(
                .serverSilent, "the server sent nothing for \(silenceLimitMilliseconds / 1_000) s; see that it runs",
                mayHaveCommitted: commits)
        }
        guard PQconsumeInput(connection.raw) == 1 else { throw lost() }
    }

    /// Takes all results that have arrived.
    private mutating func collect() throws(PostgresError) {
        var emptyAnswers = 0
        while !isSynced, PQisBusy(connection.raw) == 0 {
            guard let result = PQgetResult(connection.raw) else {
                // The end of one command's results; twice in a row means that nothing is under way.
                emptyAnswers += 1
                if emptyAnswers < 2 { continue }
                guard connection.isOpen else { throw lost() }
                return
            }
            emptyAnswers = 0
            defer { PQclear(result) }
            try take(result)
        }
    }

    private mutating func take(_ result: OpaquePointer) throws(PostgresError) {
        let status = PQresultStatus(result)
        if status == PGRES_PIPELINE_SYNC {
            isSynced = true
            return
        }
        guard answered < commands.count else { throw failure ?? lost(result) }
        let command = commands[answered]
        answered += 1
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            guard case .execute = command else { return }
            results.append(PostgresResult(copying: result))
            if answered == commands.count, status == PGRES_COMMAND_OK {
                lastCommandTag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
            }
        case PGRES_PIPELINE_ABORTED:
            forget(command)
        case PGRES_FATAL_ERROR:
            forget(command)
            guard connection.isOpen else { throw lost(result) }
            if failure == nil { failure = connection.error(of: result, statementIndex: results.count - leading) }
        default:
            throw PostgresError(.misuse, "COPY is not for a pipeline; use insert … select unnest(…)")
        }
    }

    private func forget(_ command: Command) {
        if case .prepare(let sql, let name) = command { connection.statements.forget(sql: sql, name: name) }
    }

    private func lost(_ result: OpaquePointer? = nil) -> PostgresError {
        let state = paraph_pq_sqlstate(result).map { SQLState(String(cString: $0)) } ?? failure?.sqlState
        let message = PostgresConnection.lastMessage(connection.raw)
        return PostgresError(
            .connectionLost, message.isEmpty ? "the server closed the session" : message, sqlState: state,
            mayHaveCommitted: commits)
    }
}
