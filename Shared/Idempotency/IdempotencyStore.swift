// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
package import FoundationEssentials
package import Postgres
import Synchronization

/// Keeps idempotency records: begin before the first effect, finish inside the effect's transaction.
package struct IdempotencyStore: Sendable {
    /// How long an attempt may be silent before a retry takes over.
    package static let leaseSeconds = 60.0
    /// A key is free for something else after seven days.
    package static let defaultRetentionSeconds = 7 * 86_400.0
    private static let renewalInterval = Duration.seconds(20)

    private let pool: PostgresPool
    private let clock: BusinessClock
    private let ids: IDSource
    private let retentionSeconds: Double
    private let leaseSeconds: Double

    /// Tests may shorten the lease; retention counts in business time, leases in the database's.
    package init(
        pool: PostgresPool, clock: BusinessClock, ids: IDSource,
        retentionSeconds: Double = defaultRetentionSeconds, leaseSeconds: Double = leaseSeconds
    ) {
        self.pool = pool
        self.clock = clock
        self.ids = ids
        self.retentionSeconds = retentionSeconds
        self.leaseSeconds = leaseSeconds
    }

    /// Claims a key in one round trip, or finds out in a second one what became of it.
    ///
    /// - Parameters:
    ///   - fingerprint: Nil while the body is still to be read; compare it later with `check` or `response(to:)`.
    ///   - reserving: Ids for a first attempt; one that takes over gets those of the first.
    /// - Throws: `IdempotencyError.stillRunning`, `.fingerprintMismatch`, or `PostgresError`.
    package func begin(
        _ scope: IdempotencyScope, fingerprint: RequestFingerprint? = nil, reserving reserved: [String: UUID] = [:]
    ) async throws -> IdempotencyDecision {
        let token = ids.next()
        let claimed: PostgresResult
        do {
            claimed = try await pool.execute(claim(scope, token, fingerprint, reserved))
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            // The other attempt is in the middle of its commit.
            throw IdempotencyError.stillRunning(retryAfterSeconds: 1)
        }
        var row = claimed.rows.first
        if row == nil { row = try await pool.execute(Self.look(scope)).rows.first }
        guard let row else { throw IdempotencyError.stillRunning(retryAfterSeconds: 1) }
        let known = try row.bytesOrNil(2).map { RequestFingerprint(bytes: $0) }
        if let known, let fingerprint, known != fingerprint { throw IdempotencyError.fingerprintMismatch }
        if try row.string(0) == "done" {
            guard let known else { throw IdempotencyError.leaseLost }
            return .finished(FinishedRequest(fingerprint: known, response: try Self.response(in: row)))
        }
        guard try row.uuid(1) == token else {
            throw IdempotencyError.stillRunning(retryAfterSeconds: max(1, Int(try row.double(8).rounded(.up))))
        }
        return .proceed(
            IdempotencyLease(
                scope: scope, reserved: try Self.ids(in: row.string(3)), attempt: try row.int(4), fingerprint: known,
                token: token, progress: LeaseProgress()))
    }

    /// Renews the lease when it is about a third over; call it as often as bytes arrive.
    /// - Throws: `IdempotencyError.leaseLost` when another attempt has taken over, or `PostgresError`.
    package func keepAlive(_ lease: IdempotencyLease) async throws {
        let now = ContinuousClock.now
        let interval = min(Self.renewalInterval, .seconds(leaseSeconds / 3))
        let isDue = lease.progress.state.withLock { state in
            guard state.renewedAt.duration(to: now) >= interval else { return false }
            state.renewedAt = now
            return true
        }
        if isDue { try await renew(lease) }
    }

    /// Starts the lease anew at once.
    /// - Throws: `IdempotencyError.leaseLost` when another attempt has taken over, or `PostgresError`.
    package func renew(_ lease: IdempotencyLease) async throws {
        let result = try await pool.execute(
            PostgresStatement(
                """
                update idempotency_records set lease_expires_at = clock_timestamp() + make_interval(secs => $7)
                where tenant_id = $1 and service_account_id = $2 and method = $3 and route = $4 and key = $5
                    and lease_token = $6 and state = 'running'
                """, Self.parameters(lease.scope) + [.uuid(lease.token), .float8(leaseSeconds)]))
        guard result.affectedRows == 1 else { throw IdempotencyError.leaseLost }
    }

    /// Stores the outcome in the transaction of the effect: both exist or neither.
    /// - Throws: `IdempotencyError.leaseLost` or `PostgresError`; the transaction has failed then.
    package func finish(
        _ lease: IdempotencyLease, fingerprint: RequestFingerprint, response: StoredResponse,
        in transaction: PostgresTransaction
    ) async throws {
        markFinished(lease, onCommitOf: transaction)
        do {
            _ = try await transaction.execute(finishStatement(lease, fingerprint: fingerprint, response: response))
        } catch let error as PostgresError where Self.meansLeaseLost(error) {
            throw IdempotencyError.leaseLost
        }
    }

    /// The statement of `finish`, to send with others in one pipeline; call `markFinished` as well.
    ///
    /// Without the lease it fails with the SQLSTATE that `meansLeaseLost` knows, and the whole pipeline with it.
    package func finishStatement(
        _ lease: IdempotencyLease, fingerprint: RequestFingerprint, response: StoredResponse
    ) -> PostgresStatement {
        let headers = JSONValue.array(response.headers.map { [.string($0.name), .string($0.value)] })
        return PostgresStatement(
            // A pipeline does not look at row counts before COMMIT, so a missing row has to be an error by itself.
            """
            with finished as (
                update idempotency_records set state = 'done', fingerprint = $7, response_status = $8,
                    response_headers = $9, response_body = $10
                where tenant_id = $1 and service_account_id = $2 and method = $3 and route = $4 and key = $5
                    and lease_token = $6 and state = 'running' and (fingerprint is null or fingerprint = $7)
                returning 1)
            select 1 / count(*) from finished
            """,
            Self.parameters(lease.scope) + [
                .uuid(lease.token), .bytea(fingerprint.bytes), .int2(Int16(response.status)),
                .jsonb(String(decoding: headers.canonicalBytes(), as: UTF8.self)), .bytea(response.body),
            ])
    }

    /// Makes `isFinished` true when the transaction commits.
    package func markFinished(_ lease: IdempotencyLease, onCommitOf transaction: PostgresTransaction) {
        transaction.onCommit { [progress = lease.progress] in progress.state.withLock { $0.isFinished = true } }
    }

    /// Whether a failed pipeline failed because of `finishStatement`.
    package static func meansLeaseLost(_ error: PostgresError) -> Bool { error.sqlState == divisionByZero }

    private static let divisionByZero = SQLState("22012")

    /// Gives up a lease without an outcome, so that a retry need not wait for its end.
    ///
    /// - Parameter forgetting: True after a refusal, when nothing was done: the key is free for a corrected request.
    ///   False after a failure: the next attempt goes on with the same ids.
    package func release(_ lease: IdempotencyLease, forgetting: Bool) async throws {
        let statement =
            forgetting && lease.attempt == 1
            ? """
            delete from idempotency_records
            where tenant_id = $1 and service_account_id = $2 and method = $3 and route = $4 and key = $5
                and lease_token = $6 and state = 'running'
            """
            : """
            update idempotency_records set lease_expires_at = to_timestamp(0)
            where tenant_id = $1 and service_account_id = $2 and method = $3 and route = $4 and key = $5
                and lease_token = $6 and state = 'running'
            """
        _ = try await pool.execute(
            PostgresStatement(statement, Self.parameters(lease.scope) + [.uuid(lease.token)]))
    }

    /// Deletes one chunk of records whose time is over.
    /// - Returns: How many were deleted; a full chunk of 500 means that there may be more.
    package func prune() async throws -> Int {
        try await pool.execute(
            PostgresStatement(
                """
                delete from idempotency_records where (tenant_id, service_account_id, method, route, key) in (
                    select tenant_id, service_account_id, method, route, key from idempotency_records
                    where expires_at <= $1 and (state = 'done' or lease_expires_at < clock_timestamp()) limit 500)
                """, [.timestamptz(clock.now())])
        ).affectedRows
    }

    // MARK: - Statements

    /// Inserts the record; takes an existing one over when its lease or its time is over, else leaves it as it is.
    private func claim(
        _ scope: IdempotencyScope, _ token: UUID, _ fingerprint: RequestFingerprint?, _ reserved: [String: UUID]
    ) -> PostgresStatement {
        let now = clock.now()
        let ids = JSONValue.object(reserved.mapValues { .string($0.text) })
        return PostgresStatement(
            """
            insert into idempotency_records as r (tenant_id, service_account_id, method, route, key, state, fingerprint,
                reserved, lease_token, lease_expires_at, attempt, created_at, expires_at)
            values ($1, $2, $3, $4, $5, 'running', $7, $8, $6, clock_timestamp() + make_interval(secs => $9), 1, $10, $11)
            on conflict (tenant_id, service_account_id, method, route, key) do update set
                state = 'running',
                fingerprint = case when r.expires_at <= $10 then $7 else coalesce(r.fingerprint, $7) end,
                reserved = case when r.expires_at <= $10 then excluded.reserved else r.reserved end,
                attempt = case when r.expires_at <= $10 then 1 else r.attempt + 1 end,
                created_at = case when r.expires_at <= $10 then $10 else r.created_at end,
                expires_at = case when r.expires_at <= $10 then $11 else r.expires_at end,
                lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at,
                response_status = null, response_headers = null, response_body = null
            where case r.state
                when 'done' then r.expires_at <= $10
                else r.lease_expires_at < clock_timestamp() and (r.expires_at <= $10
                    or r.fingerprint is null or $7 is null or r.fingerprint = $7)
                end
            returning \(Self.columns)
            """,
            Self.parameters(scope) + [
                .uuid(token), fingerprint.map { .bytea($0.bytes) } ?? .bytea(nil),
                .jsonb(String(decoding: ids.canonicalBytes(), as: UTF8.self)), .float8(leaseSeconds),
                .timestamptz(now), .timestamptz(now.advanced(bySeconds: retentionSeconds)),
            ])
    }

    private static let columns = """
        state, lease_token, fingerprint, reserved, attempt, response_status, response_headers, response_body,
        extract(epoch from lease_expires_at - clock_timestamp())::float8
        """

    private static func look(_ scope: IdempotencyScope) -> PostgresStatement {
        PostgresStatement(
            """
            select \(columns) from idempotency_records
            where tenant_id = $1 and service_account_id = $2 and method = $3 and route = $4 and key = $5
            """, parameters(scope))
    }

    private static func parameters(_ scope: IdempotencyScope) -> [PostgresValue] {
        [
            .uuid(scope.tenantID), .uuid(scope.serviceAccountID), .text(scope.method), .text(scope.route),
            .text(scope.key.text),
        ]
    }

    private static func ids(in text: String) throws -> [String: UUID] {
        let members = try JSONValue(parsing: Array(text.utf8)).objectValue ?? [:]
        return members.compactMapValues { $0.stringValue.flatMap { UUID(text: $0) } }
    }

    private static func response(in row: PostgresRow) throws -> StoredResponse {
        let headers = try JSONValue(parsing: Array(row.string(6).utf8)).arrayValue ?? []
        return StoredResponse(
            status: try row.int(5),
            headers: headers.compactMap { field in
                guard let name = field.arrayValue?.first?.stringValue, let value = field.arrayValue?.last?.stringValue
                else { return nil }
                return StoredResponse.Header(name: name, value: value)
            },
            body: try row.bytes(7))
    }
}
