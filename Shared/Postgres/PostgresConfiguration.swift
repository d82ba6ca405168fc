// SPDX-License-Identifier: Apache-2.0

package import Configuration

/// How sessions reach one database as one role, and the limits that the server holds them to.
package struct PostgresConfiguration: Sendable {
    /// A host name, an address, or the folder of the server's unix socket.
    package var host: String
    /// The TCP port, and the number in the unix socket's name.
    package var port: Int
    /// The database's name.
    package var database: String
    /// The role to log in as.
    package var user: String
    /// The role's password, where the server asks for one.
    package var password: Secret?
    /// What `pg_stat_activity` shows for these sessions.
    package var applicationName: String
    /// The only schema in the sessions' search path.
    package var schema: String
    /// The most sessions that a pool opens.
    package var poolSize: Int
    /// The server ends a statement that runs longer; 0 means never.
    package var statementTimeoutSeconds: Double
    /// The server ends a statement that waits longer for a lock; 0 means never.
    package var lockTimeoutSeconds: Double
    /// The server ends a session whose open transaction does nothing for longer; at most 5 s, so that a stopped process
    /// keeps no locks, and not everybody's horizon, for longer than its lane leases last.
    package var idleInTransactionTimeoutSeconds: Double
    /// How long opening a session may take; whole seconds, at least 2.
    package var connectTimeoutSeconds: Int
    /// How long a task waits for a free session.
    package var leaseTimeoutSeconds: Double

    /// Takes the address and role; the limits suit a service under load.
    package init(
        host: String, port: Int = 5432, database: String, user: String, password: Secret? = nil,
        applicationName: String, schema: String, poolSize: Int = 6, statementTimeoutSeconds: Double = 30,
        lockTimeoutSeconds: Double = 10, idleInTransactionTimeoutSeconds: Double = 5,
        connectTimeoutSeconds: Int = 5, leaseTimeoutSeconds: Double = 10
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.applicationName = applicationName
        self.schema = schema
        self.poolSize = poolSize
        self.statementTimeoutSeconds = statementTimeoutSeconds
        self.lockTimeoutSeconds = lockTimeoutSeconds
        self.idleInTransactionTimeoutSeconds = idleInTransactionTimeoutSeconds
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.leaseTimeoutSeconds = leaseTimeoutSeconds
    }

    /// libpq's keywords with their values (PostgreSQL manual, 34.1.2).
    func connectionParameters() throws(PostgresError) -> [(keyword: String, value: String)] {
        let schema = try SQLIdentifier(schema)
        let settings = [
            "search_path=\(schema.text)", "TimeZone=UTC", "DateStyle=ISO", "jit=off",
            // Statements are prepared once and touch few rows by key. Without these a plan made while tables were
            // small scans them whole when they have grown, and each execution plans its partitions anew.
            "plan_cache_mode=force_generic_plan", "enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off",
            "default_toast_compression=lz4",
            "statement_timeout=\(Self.milliseconds(statementTimeoutSeconds))",
            "lock_timeout=\(Self.milliseconds(lockTimeoutSeconds))",
            "idle_in_transaction_session_timeout=\(Self.milliseconds(idleInTransactionTimeoutSeconds))",
        ]
        var parameters = [
            ("host", host), ("port", String(port)), ("dbname", database), ("user", user),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("connect_timeout", String(max(2, connectTimeoutSeconds))), ("gssencmode", "disable"),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("options", settings.map { "-c \($0)" }.joined(separator: " ")),
        ]
        if let password { parameters.append(("password", password.text)) }
        return parameters
    }

    /// The longest time that the server may send nothing while this many statements are under way, for `poll`.
    func silenceLimitMilliseconds(statements: Int) -> Int32 {
        guard statementTimeoutSeconds > 0 else { return -1 }
        let seconds = 10 + statementTimeoutSeconds * Double(max(1, statements))
        return Int32(min(seconds, 1_800) * 1_000)
    }

    private static func milliseconds(_ seconds: Double) -> Int {
        Int((min(max(0, seconds), 2_000_000) * 1_000).rounded(.up))
    }
}

/// A lower-case SQL name that needs no quotes, so that it can stand in a statement.
struct SQLIdentifier {
    let text: String

    init(_ text: String) throws(PostgresError) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, 0x5F: true
            default: false
            }
        }
        let startsWithDigit = text.utf8.first.map { (0x30...0x39).contains($0) } ?? true
        guard isPlain, !startsWithDigit, text.utf8.count <= 63 else {
            throw PostgresError(.misuse, "\"\(text)\" is no plain name: use a–z, 0–9 and _, at most 63 characters")
        }
        self.text = text
    }
}
