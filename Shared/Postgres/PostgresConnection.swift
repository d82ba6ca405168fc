// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Glibc

/// One libpq connection with its prepared statements; it belongs to one thread at a time and blocks it.
///
/// Connections stay in pipeline mode; `script` leaves it for the time of a script.
final class PostgresConnection {
    let raw: OpaquePointer
    let configuration: PostgresConfiguration
    var statements = StatementCache()
    var parameters = ParameterBuffer()

    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        // libpq copies the strings; they are needed until PQconnectdbParams returns.
        let pairs = try configuration.connectionParameters()
        var keywords = pairs.map { UnsafePointer(strdup($0.keyword)) } + [nil]
        var values = pairs.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer {
            for string in keywords + values { free(UnsafeMutablePointer(mutating: string)) }
            keywords = []
            values = []
        }
        guard let raw = PQconnectdbParams(keywords, values, 0) else {
            throw PostgresError(.connectionFailed, "libpq had no memory for a session")
        }
        guard PQstatus(raw) == CONNECTION_OK else {
            defer { PQfinish(raw) }
            throw PostgresError(.connectionFailed, Self.lastMessage(raw))
        }
        paraph_pq_drop_notices(raw)
        guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1 else {
            defer { PQfinish(raw) }
            throw PostgresError(.connectionFailed, Self.lastMessage(raw))
        }
        self.raw = raw
    }

    deinit { PQfinish(raw) }

    /// Whether the connection stands as far as this side knows.
    var isOpen: Bool { PQstatus(raw) == CONNECTION_OK }

    /// Whether a transaction block is open, failed or not.
    var isInTransaction: Bool { PQtransactionStatus(raw) != PQTRANS_IDLE }

    /// Whether the server has left an idle connection alone, asked without waiting.
    ///
    /// Nothing but a goodbye, or rarely a changed server setting, comes unasked: neither is worth reading.
    func isStillOpen() -> Bool {
        var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
        return isOpen && poll(&descriptor, 1, 0) == 0
    }

    /// Waits until the socket can be read, or written as well when asked for; false when time is up.
    func wait(forOutput: Bool, milliseconds: Int32) -> Bool {
        let events = Int16(POLLIN) | (forOutput ? Int16(POLLOUT) : 0)
        var descriptor = pollfd(fd: PQsocket(raw), events: events, revents: 0)
        while true {
            let ready = poll(&descriptor, 1, milliseconds)
            if ready > 0 { return true }
            if ready == 0 { return false }
            if errno != EINTR { return true }
        }
    }

    /// Runs SQL text of any number of commands without parameters, by the simple protocol.
    ///
    /// Text without its own BEGIN is one implicit transaction.
    func script(_ sql: String) throws(PostgresError) {
        guard PQexitPipelineMode(raw) == 1 else { throw PostgresError(.misuse, Self.lastMessage(raw)) }
        let result = PQexec(raw, sql)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY else {
            let error = self.error(of: result, statementIndex: nil)
            if isOpen { _ = PQenterPipelineMode(raw) }
            throw error
        }
        guard PQenterPipelineMode(raw) == 1 else { throw PostgresError(.connectionLost, Self.lastMessage(raw)) }
    }

    /// The verifier that the server stores instead of a password, so that the password itself is in no log.
    func passwordVerifier(_ password: String, user: String) throws(PostgresError) -> String {
        guard let text = PQencryptPasswordConn(raw, password, user, "scram-sha-256") else {
            throw PostgresError(.misuse, Self.lastMessage(raw))
        }
        defer { PQfreemem(text) }
        return String(cString: text)
    }

    /// Payloads of the notifications that came since the last call, each once, in the order of their first coming.
    func takeNotifications() -> [String] {
        var payloads: [String] = []
        var known: Set<String> = []
        while let notification = PQnotifies(raw) {
            let payload = String(cString: notification.pointee.extra)
            if known.insert(payload).inserted { payloads.append(payload) }
            PQfreemem(notification)
        }
        return payloads
    }

    // MARK: - Errors

    /// The server's error in a result, without any value from its text.
    func error(of result: OpaquePointer?, statementIndex: Int?) -> PostgresError {
        guard let code = paraph_pq_sqlstate(result) else {
            return PostgresError(isOpen ? .misuse : .connectionLost, Self.lastMessage(raw))
        }
        let state = SQLState(String(cString: code))
        // Messages of class 22 (data exception) quote the offending value.
        let primary = paraph_pq_primary_message(result).map { String(cString: $0) } ?? "no message"
        return PostgresError(
            .server, state.errorClass == "22" ? "a value is not valid for its type or use" : primary,
            sqlState: state, constraint: paraph_pq_constraint(result).map { String(cString: $0) },
            statementIndex: statementIndex)
    }

    static func lastMessage(_ raw: OpaquePointer) -> String {
        let text = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
