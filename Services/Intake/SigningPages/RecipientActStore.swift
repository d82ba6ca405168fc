// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Messaging
import Postgres

/// Keeps what recipients did: a link is the idempotency key of its acts.
///
/// Each generation of a link has acts of its own: what came by a link that was replaced in that moment is refused by the
/// orchestrator, and must not keep the person from acting by the new one.
struct RecipientActStore: Sendable {
    /// What `accept` found.
    enum Acceptance: Equatable {
        case first
        /// The same act with the same content was accepted before.
        case repeated
        case different
    }

    let pool: PostgresPool
    let outbox: OutboxWriter

    /// What the recipient has done by this link.
    func acts(of link: SigningLink) async throws -> Set<RecipientAct> {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select act from recipient_acts
                where tenant_id = $1 and envelope_id = $2 and request_id = $3 and generation = $4
                """, Self.key(link) + [.int(link.generation)]))
        return Set(try result.rows.compactMap { RecipientAct(rawValue: try $0.string(0)) })
    }

    /// Keeps an act and says it, once; a repeat of the same content changes nothing.
    func accept(
        _ act: RecipientAct, of link: SigningLink, digest: [UInt8], at now: Instant, saying said: Act
    ) async throws -> Acceptance {
        let key = Self.key(link) + [.text(act.rawValue), .int(link.generation)]
        return try await pool.withTransaction { transaction in
            let inserted = try await transaction.execute(
                PostgresStatement(
                    """
                    insert into recipient_acts (tenant_id, envelope_id, request_id, act, generation, digest, accepted_at)
                    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning act
                    """,
                    key + [.bytea(digest), .timestamptz(now)]))
            if !inserted.rows.isEmpty {
                _ = try await transaction.pipelineAndCommit(outbox.statements([said], in: transaction))
                return .first
            }
            let known = try await transaction.execute(
                PostgresStatement(
                    """
                    select digest from recipient_acts
                    where tenant_id = $1 and envelope_id = $2 and request_id = $3 and act = $4 and generation = $5
                    """, key))
            return try known.rows.first?.bytes(0) == digest ? .repeated : .different
        }
    }

    /// Writes an audit event that belongs to no act, such as a look at a document.
    func note(_ event: Act) async throws {
        try await pool.withTransaction { transaction in
            _ = try await transaction.pipelineAndCommit(outbox.statements([event], in: transaction))
        }
    }

    private static func key(_ link: SigningLink) -> [PostgresValue] {
        [.uuid(link.tenantID.uuid), .uuid(link.envelopeID.uuid), .uuid(link.requestID.uuid)]
    }
}
