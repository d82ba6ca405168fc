// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Postgres

/// The SQL of the orchestrator.
enum WorkflowStore {
    /// Locks the rows that exist, in key order, so that two batches never wait for each other in a circle, and reads
    /// those whose state is another than the remembered one.
    ///
    /// - Throws: `PostgresError`, or `DecodingError` for a state that this version cannot read.
    static func load(
        _ keys: [EnvelopeKey], remembering cache: EnvelopeCache, in transaction: PostgresTransaction
    ) async throws -> [EnvelopeKey: StoredEnvelope] {
        // Row by row in the order given: a join could choose its own order, and a plan that scans.
        let keys = keys.sorted()
        let remembered = keys.map { cache[$0] }
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select e.tenant_id, e.envelope_id, e.state_id, e.awaiting_since,
                    case when e.state_id is distinct from k.state_id then e.state end,
                    case when e.state_id is distinct from k.state_id then (
                        select c.command from creations c
                        where c.tenant_id = e.tenant_id and c.envelope_id = e.envelope_id
                    ) end
                from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k(tenant_id, envelope_id, state_id)
                    cross join lateral (
                        select * from envelopes e where e.tenant_id = k.tenant_id and e.envelope_id = k.envelope_id
                        for update
                    ) as e
                """,
                [
                    .uuidArray(keys.map(\.tenantID.uuid)), .uuidArray(keys.map(\.envelopeID.uuid)),
                    .uuidArray(remembered.map { $0?.stateID }),
                ]))
        var envelopes: [EnvelopeKey: StoredEnvelope] = [:]
        for envelope in remembered.compactMap({ $0 }) { envelopes[envelope.key] = envelope }
        return try read(result, known: envelopes)
    }

    /// The rows found, of which those without a state are known.
    private static func read(
        _ result: PostgresResult, known: [EnvelopeKey: StoredEnvelope]
    ) throws -> [EnvelopeKey: StoredEnvelope] {
        let decoder = JSONDecoder()
        var envelopes: [EnvelopeKey: StoredEnvelope] = [:]
        for row in result.rows {
            let key = EnvelopeKey(tenantID: TenantID(try row.uuid(0)), envelopeID: EnvelopeID(try row.uuid(1)))
            guard let state = try row.bytesOrNil(4) else {
                envelopes[key] = known[key]
                continue
            }
            let command = try decoder.decode(CreateEnvelopeV1.self, from: Data(try row.bytes(5)))
            let envelope = try decoder.decode(Envelope.self, from: Data(state), configuration: command.envelope)
            envelopes[key] = StoredEnvelope(
                envelope: envelope, stateID: try row.uuid(2), creation: nil, awaitingSince: try row.instantOrNil(3))
        }
        return envelopes
    }

    /// The statements that write envelopes, whether new or changed, and what they make of them.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say.
    static func saving(
        _ changed: [StoredEnvelope], ids: IDSource
    ) throws -> (statements: [PostgresStatement], saved: [StoredEnvelope]) {
        let changed = changed.sorted { $0.key < $1.key }
        let new = changed.filter { $0.creation != nil }
        let moved = changed.filter { $0.creation == nil }.map { $0.saved(as: ids.next()) }
        let inserted = new.map { $0.saved(as: $0.stateID) }
        var statements: [PostgresStatement] = []
        if !new.isEmpty { statements += [creations(new), try insertion(inserted)] }
        if !moved.isEmpty { statements.append(try update(moved)) }
        return (statements, inserted + moved)
    }

    private static func creations(_ new: [StoredEnvelope]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into creations (tenant_id, envelope_id, command)
            select * from unnest($1::uuid[], $2::uuid[], $3::bytea[])
            """,
            [
                .uuidArray(new.map(\.envelope.tenantID.uuid)), .uuidArray(new.map(\.envelope.envelopeID.uuid)),
                .byteaArray(new.map(\.creation)),
            ])
    }

    private static func insertion(_ new: [StoredEnvelope]) throws -> PostgresStatement {
        let envelopes = new.map(\.envelope)
        return PostgresStatement(
            """
            insert into envelopes (tenant_id, envelope_id, state_id, status, expires_at, awaiting_since, updated_at,
                state, policy_version, created_at)
            select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[],
                $6::timestamptz[], $7::timestamptz[], $8::bytea[], $9::text[], $10::timestamptz[])
            """,
            try parameters(new) + [
                .textArray(envelopes.map(\.policy.policyVersion)), .timestamptzArray(envelopes.map(\.draft.createdAt)),
            ])
    }

    private static func update(_ moved: [StoredEnvelope]) throws -> PostgresStatement {
        PostgresStatement(
            """
            update envelopes e set state_id = n.state_id, status = n.status, expires_at = n.expires_at,
                awaiting_since = n.awaiting_since, updated_at = n.updated_at, state = n.state
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                $7::timestamptz[], $8::bytea[])
                as n(tenant_id, envelope_id, state_id, status, expires_at, awaiting_since, updated_at, state)
            where e.tenant_id = n.tenant_id and e.envelope_id = n.envelope_id
            """, try parameters(moved))
    }

    private static func parameters(_ stored: [StoredEnvelope]) throws -> [PostgresValue] {
        let envelopes = stored.map(\.envelope)
        return [
            .uuidArray(envelopes.map(\.tenantID.uuid)), .uuidArray(envelopes.map(\.envelopeID.uuid)),
            .uuidArray(stored.map(\.stateID)), .textArray(envelopes.map(\.status.rawValue)),
            .timestamptzArray(envelopes.map { $0.status.isTerminal ? nil : $0.draft.expiresAt }),
            .timestamptzArray(stored.map(\.awaitingSince)), .timestamptzArray(envelopes.map(\.updatedAt)),
            .byteaArray(try envelopes.map { try JSONTextEncoder.encode($0) }),
        ]
    }

    /// Envelopes whose deadline has passed, oldest first.
    static func expired(by now: Instant, limit: Int) -> PostgresStatement {
        PostgresStatement(
            """
            select tenant_id, envelope_id from envelopes
            where expires_at <= $1 and expires_at is not null
            order by expires_at limit $2
            """,
            [.timestamptz(now), .int(limit)])
    }

    /// Envelopes that may be waiting for an answer since before the instant, longest first.
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
