// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Foundation
import Postgres

/// Names an envelope's row.
struct EnvelopeKey: Hashable, Comparable {
    let tenantID: TenantID
    let envelopeID: EnvelopeID

    static func < (left: EnvelopeKey, right: EnvelopeKey) -> Bool {
        (left.tenantID, left.envelopeID) < (right.tenantID, right.envelopeID)
    }
}

/// An envelope under its row lock, with the version that is stored.
struct StoredEnvelope {
    var envelope: Envelope
    let version: Int64
}

/// The SQL of the orchestrator.
enum WorkflowStore {
    /// Locks and reads the rows that exist, in key order, so that two batches never wait for each other in a circle.
    ///
    /// - Throws: `PostgresError`, or `DecodingError` for a state that this version cannot read.
    static func load(
        _ keys: [EnvelopeKey], in transaction: PostgresTransaction
    ) async throws -> [EnvelopeKey: StoredEnvelope] {
        // Row by row in the order given: a join could choose its own order, and a plan that scans.
        let keys = keys.sorted()
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select e.tenant_id, e.envelope_id, e.version, e.state
                from unnest($1::uuid[], $2::uuid[]) as k(tenant_id, envelope_id)
                    cross join lateral (
                        select * from envelopes e where e.tenant_id = k.tenant_id and e.envelope_id = k.envelope_id
                        for update
                    ) as e
                """,
                [.uuidArray(keys.map(\.tenantID.uuid)), .uuidArray(keys.map(\.envelopeID.uuid))]))
        let decoder = JSONDecoder()
        var envelopes: [EnvelopeKey: StoredEnvelope] = [:]
        for row in result.rows {
            let key = EnvelopeKey(tenantID: TenantID(try row.uuid(0)), envelopeID: EnvelopeID(try row.uuid(1)))
            let state = try decoder.decode(Envelope.self, from: Data(try row.string(3).utf8))
            envelopes[key] = StoredEnvelope(envelope: state, version: try row.int64(2))
        }
        return envelopes
    }

    /// The statement that writes all states, whether new or changed.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say.
    static func saving(_ changed: [StoredEnvelope]) throws -> PostgresStatement {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let changed = changed.sorted { $0.key < $1.key }
        let states = try changed.map { String(decoding: try encoder.encode($0.envelope), as: UTF8.self) }
        let envelopes = changed.map(\.envelope)
        return PostgresStatement(
            """
            insert into envelopes as e (tenant_id, envelope_id, status, policy_version, expires_at, awaiting_since,
                created_at, updated_at, version, state)
            select n.tenant_id, n.envelope_id, n.status, n.policy_version, n.expires_at, n.awaiting_since,
                n.created_at, n.updated_at, n.version, n.state::json
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                $7::timestamptz[], $8::timestamptz[], $9::int8[], $10::text[])
                as n(tenant_id, envelope_id, status, policy_version, expires_at, awaiting_since, created_at,
                updated_at, version, state)
            on conflict (tenant_id, envelope_id) do update set status = excluded.status,
                awaiting_since = excluded.awaiting_since, updated_at = excluded.updated_at,
                version = excluded.version, state = excluded.state
            """,
            [
                .uuidArray(envelopes.map(\.tenantID.uuid)), .uuidArray(envelopes.map(\.envelopeID.uuid)),
                .textArray(envelopes.map(\.status.rawValue)), .textArray(envelopes.map(\.policy.policyVersion)),
                .timestamptzArray(envelopes.map(\.draft.expiresAt)), .timestamptzArray(envelopes.map(\.awaitingSince)),
                .timestamptzArray(envelopes.map(\.draft.createdAt)), .timestamptzArray(envelopes.map(\.updatedAt)),
                .int8Array(changed.map { $0.version + 1 }), .textArray(states),
            ])
    }

    /// Envelopes whose deadline has passed, oldest first.
    static func expired(by now: Instant, limit: Int) -> PostgresStatement {
        PostgresStatement(
            """
            select tenant_id, envelope_id from envelopes
            where expires_at <= $1 and expires_at is not null and status in ('draft', 'prepared', 'sent', 'in_progress')
            order by expires_at limit $2
            """,
            [.timestamptz(now), .int(limit)])
    }

    /// Envelopes that wait for an answer since before the instant, longest first.
    static func unanswered(since limit: Instant, count: Int) -> PostgresStatement {
        PostgresStatement(
            """
            select tenant_id, envelope_id from envelopes
            where awaiting_since < $1 and awaiting_since is not null
            order by awaiting_since limit $2
            """,
            [.timestamptz(limit), .int(count)])
    }
}

extension StoredEnvelope {
    var key: EnvelopeKey { EnvelopeKey(tenantID: envelope.tenantID, envelopeID: envelope.envelopeID) }
}
