// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres
import ServiceKit
import Tracing

/// Makes tenants, accounts and tokens; each act stands in the tenant's audit chain.
struct TenantDirectory: Sendable {
    /// So that a token can be rotated without a gap, and never more are about.
    private static let activeTokens = 2

    let pool: PostgresPool
    let outbox: OutboxWriter
    let clock: BusinessClock
    let ids: IDSource

    func createTenant(name: String, organisation: String, isLive: Bool, level: PAdESLevel = .basic) async throws
        -> TenantID
    {
        let tenant = TenantID(ids.next())
        try await pool.withTransaction { transaction in
            let now = clock.now()
            _ = try await transaction.execute(
                PostgresStatement(
                    """
                    insert into tenants (tenant_id, name, organisation, is_live, created_at, pades_level)
                    values ($1, $2, $3, $4, $5, $6)
                    """,
                    [
                        .uuid(tenant.uuid), .text(name), .text(organisation), .bool(isLive), .timestamptz(now),
                        .text(level.rawValue),
                    ]))
            try await note(
                "tenant.created", tenant, ["livemode": .bool(isLive), "pades_level": .string(level.rawValue)], at: now,
                in: transaction)
        }
        return tenant
    }

    /// Envelopes that exist keep the level they were made with.
    /// - Throws: `ServiceExit` for an unknown tenant.
    func setLevel(_ level: PAdESLevel, of tenant: TenantID) async throws {
        try await pool.withTransaction { transaction in
            let changed = try await transaction.execute(
                PostgresStatement(
                    "update tenants set pades_level = $2 where tenant_id = $1 returning tenant_id",
                    [.uuid(tenant.uuid), .text(level.rawValue)]))
            guard !changed.rows.isEmpty else { throw ServiceExit(.usage, "there is no such tenant") }
            try await note(
                "tenant.level_set", tenant, ["pades_level": .string(level.rawValue)], at: clock.now(), in: transaction)
        }
    }

    /// - Throws: `ServiceExit` for an unknown tenant.
    func createAccount(tenant: TenantID, name: String, scopes: Set<Scope>) async throws -> ServiceAccountID {
        let account = ServiceAccountID(ids.next())
        let words = scopes.map(\.rawValue).sorted()
        try await pool.withTransaction { transaction in
            let now = clock.now()
            let known = try await transaction.execute(
                PostgresStatement("select 1 from tenants where tenant_id = $1", [.uuid(tenant.uuid)]))
            guard !known.rows.isEmpty else { throw ServiceExit(.usage, "there is no such tenant") }
            _ = try await transaction.execute(
                PostgresStatement(
                    """
                    insert into service_accounts (tenant_id, account_id, name, scopes, created_at)
                    values ($1, $2, $3, $4, $5)
                    """,
                    [.uuid(tenant.uuid), .uuid(account.uuid), .text(name), .textArray(words), .timestamptz(now)]))
            try await note(
                "account.created", tenant,
                ["account_id": .string(account.description), "scopes": .array(words.map { .string($0) })], at: now,
                in: transaction)
        }
        return account
    }

    /// The token exists nowhere else.
    ///
    /// - Throws: `ServiceExit` for an unknown account, or one that has two active tokens.
    func createToken(
        account: ServiceAccountID, days: Int
    ) async throws -> (token: APIToken, id: UUID, expiresAt: Instant) {
        let id = ids.next()
        let now = clock.now()
        let expiresAt = now.advanced(bySeconds: Double(days) * 86_400)
        let token = try await pool.withTransaction { transaction in
            let known = try await transaction.execute(
                PostgresStatement(
                    """
                    select a.tenant_id, t.is_live, (select count(*) from api_tokens k
                        where k.account_id = a.account_id and k.revoked_at is null and k.expires_at > $2)
                    from service_accounts a join tenants t on t.tenant_id = a.tenant_id
                    where a.account_id = $1
                    """, [.uuid(account.uuid), .timestamptz(now)]))
            guard let row = known.rows.first else { throw ServiceExit(.usage, "there is no such account") }
            guard try row.int(2) < Self.activeTokens else {
                throw ServiceExit(.usage, "the account has two active tokens: revoke one first")
            }
            let tenant = TenantID(try row.uuid(0))
            let token = APIToken(isLive: try row.bool(1))
            _ = try await transaction.execute(
                PostgresStatement(
                    """
                    insert into api_tokens (tenant_id, token_id, account_id, token_sha256, created_at, expires_at)
                    values ($1, $2, $3, $4, $5, $6)
                    """,
                    [
                        .uuid(tenant.uuid), .uuid(id), .uuid(account.uuid), .bytea(token.sha256), .timestamptz(now),
                        .timestamptz(expiresAt),
                    ]))
            try await note(
                "token.created", tenant,
                [
                    "account_id": .string(account.description), "token_id": .string(id.text),
                    "expires_at": .string(expiresAt.rfc3339(fractionDigits: 6)),
                ], at: now, in: transaction)
            return token
        }
        return (token, id, expiresAt)
    }

    /// Does nothing to a token that is revoked already.
    /// - Throws: `ServiceExit` for an unknown token.
    func revokeToken(_ id: UUID) async throws {
        try await pool.withTransaction { transaction in
            let now = clock.now()
            let found = try await transaction.execute(
                PostgresStatement(
                    "select tenant_id, revoked_at from api_tokens where token_id = $1 for update", [.uuid(id)]))
            guard let row = found.rows.first else { throw ServiceExit(.usage, "there is no such token") }
            guard row.isNull(1) else { return }
            let tenant = TenantID(try row.uuid(0))
            _ = try await transaction.execute(
                PostgresStatement(
                    "update api_tokens set revoked_at = $3 where tenant_id = $1 and token_id = $2",
                    [.uuid(tenant.uuid), .uuid(id), .timestamptz(now)]))
            try await note("token.revoked", tenant, ["token_id": .string(id.text)], at: now, in: transaction)
        }
    }

    private func note(
        _ type: AuditEventType, _ tenant: TenantID, _ metadata: [String: JSONValue], at now: Instant,
        in transaction: PostgresTransaction
    ) async throws {
        let fact = AuditFact(
            eventID: ids.next(), tenantID: tenant, subject: .tenant, eventType: type,
            actor: AuditActor(kind: .operator, id: "operator"), occurredAt: now,
            correlationID: CorrelationID(ids.next()).text, metadata: metadata)
        let event = AuditEventV1(fact: fact)
        try await outbox.write(
            [Act(audit: [try OutgoingMessage(event, key: event.streamKey, tenantID: tenant.uuid)])], in: transaction)
    }
}
