// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Postgres
import Synchronization

/// Looks tokens up; an answer is good for two seconds, so that a revoked token dies within that time.
final class AccountStore: Sendable {
    private static let cacheDuration = Duration.seconds(2)
    private static let cacheCapacity = 10_000

    private struct Entry {
        let principal: Principal?
        let readAt: ContinuousClock.Instant
    }

    private let pool: PostgresPool
    private let cache = Mutex<[[UInt8]: Entry]>([:])

    init(pool: PostgresPool) { self.pool = pool }

    /// Nil for a token that was never given out; expired and revoked ones are found.
    func principal(of token: APIToken) async throws -> Principal? {
        let digest = token.sha256
        let now = ContinuousClock.now
        if let entry = cache.withLock({ $0[digest] }), entry.readAt.advanced(by: Self.cacheDuration) > now {
            return entry.principal
        }
        let principal = try await read(digest)
        cache.withLock { cache in
            if cache.count >= Self.cacheCapacity { cache.removeAll(keepingCapacity: true) }
            cache[digest] = Entry(principal: principal, readAt: now)
        }
        return principal
    }

    private func read(_ digest: [UInt8]) async throws -> Principal? {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select k.tenant_id, k.account_id, a.scopes, t.organisation, t.is_live, k.expires_at, k.revoked_at,
                       t.pades_level
                from api_tokens k
                join service_accounts a on a.tenant_id = k.tenant_id and a.account_id = k.account_id
                join tenants t on t.tenant_id = k.tenant_id
                where k.token_sha256 = $1
                """, [.bytea(digest)]))
        guard let row = result.rows.first else { return nil }
        return Principal(
            tenantID: TenantID(try row.uuid(0)), accountID: ServiceAccountID(try row.uuid(1)),
            scopes: Set(try row.strings(2).compactMap { $0.flatMap(Scope.init) }), organisation: try row.string(3),
            isLive: try row.bool(4), expiresAt: try row.instant(5), isRevoked: !row.isNull(6),
            padesLevel: PAdESLevel(rawValue: try row.string(7)) ?? .basic)
    }
}
