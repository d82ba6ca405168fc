// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Postgres

/// The two statements that append: one moves heads, one inserts events.
enum AuditLogRows {
    /// Moves the head of each chain whose stored head is the one that its extension follows; answers which were moved.
    ///
    /// Takes the extensions sorted by chain, so that writers never deadlock. `previous_head` does two things: a new chain
    /// stores it, and one that exists compares it with its head. A chain that was not moved is locked all the same.
    ///
    /// - Throws: `AuditLogConflict` when a chain that had begun is gone.
    static func move(_ extensions: [ChainExtension], in transaction: PostgresTransaction) async throws -> Set<UUID> {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                insert into chain_heads as h
                  (chain_id, tenant_id, subject_kind, started_at, policy_version, previous_head, data_key_id, n, hash)
                select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::bytea[],
                                     $7::uuid[], $8::int8[], $9::bytea[])
                on conflict (chain_id) do update set n = excluded.n, hash = excluded.hash,
                  data_key_id = coalesce(h.data_key_id, excluded.data_key_id)
                where h.hash = excluded.previous_head
                returning chain_id, previous_head
                """,
                [
                    .uuidArray(extensions.map(\.chainID)), .uuidArray(extensions.map(\.state.genesis.tenantID.uuid)),
                    .textArray(extensions.map(\.state.genesis.subjectKind.rawValue)),
                    .timestamptzArray(extensions.map(\.state.genesis.startedAt)),
                    .textArray(extensions.map(\.state.genesis.policyVersion)),
                    .byteaArray(extensions.map(\.follows?.bytes)), .uuidArray(extensions.map(\.state.dataKeyID)),
                    .int8Array(extensions.map(\.state.chain.count)),
                    .byteaArray(extensions.map(\.state.chain.head.bytes)),
                ]))
        var moved: [UUID: [UInt8]?] = [:]
        for row in result.rows { moved[try row.uuid(0)] = try row.bytesOrNil(1) }
        for chain in extensions {
            // A chain that exists keeps its first `previous_head`: another one means that it was inserted anew.
            if let stored = moved[chain.chainID], stored != chain.state.genesis.previousHead?.bytes {
                throw AuditLogConflict()
            }
        }
        return Set(moved.keys)
    }

    static func insertion(of extensions: [ChainExtension], recordedAt now: Instant) -> PostgresStatement {
        var rows = AuditRows()
        for chain in extensions {
            for link in chain.links { rows.append(link, of: chain.state.genesis) }
        }
        return rows.insertion(recordedAt: now)
    }
}

/// Rows for `audit_events`, gathered column by column for one multi-row insert.
private struct AuditRows {
    private var chainStarts: [Instant?] = []
    private var chainIDs: [UUID?] = []
    private var numbers: [Int64] = []
    private var tenants: [UUID?] = []
    private var eventIDs: [UUID?] = []
    private var documents: [UUID?] = []
    private var requests: [UUID?] = []
    private var types: [String?] = []
    private var outcomes: [String?] = []
    private var times: [Instant?] = []
    private var producers: [String?] = []
    private var producerSequences: [Int64] = []
    private var correlations: [String?] = []
    private var policies: [String?] = []
    private var methods: [String?] = []
    private var standards: [String?] = []
    private var metadata: [String?] = []
    private var events: [String?] = []
    private var personals: [[UInt8]?] = []
    private var previousHashes: [[UInt8]?] = []
    private var hashes: [[UInt8]?] = []

    mutating func append(_ link: ChainExtension.Link, of genesis: ChainGenesis) {
        let event = link.sealed.event
        let fact = event.fact
        chainStarts.append(genesis.startedAt)
        chainIDs.append(genesis.chainID)
        numbers.append(link.number)
        tenants.append(genesis.tenantID.uuid)
        eventIDs.append(fact.eventID)
        documents.append(fact.documentID?.uuid)
        requests.append(fact.requestID?.uuid)
        types.append(fact.eventType.rawValue)
        outcomes.append(fact.outcome.rawValue)
        times.append(fact.occurredAt)
        producers.append(event.producer)
        producerSequences.append(event.producerSequence)
        correlations.append(fact.correlationID)
        policies.append(fact.policyVersion)
        methods.append(fact.signingMethod?.rawValue)
        standards.append(fact.legalStandard?.rawValue)
        metadata.append(
            fact.metadata.isEmpty
                ? "{}" : String(decoding: JSONValue.object(fact.metadata).canonicalBytes(), as: UTF8.self))
        events.append(String(decoding: link.canonical, as: UTF8.self))
        personals.append(link.sealed.personal)
        previousHashes.append(link.previous.bytes)
        hashes.append(link.hash.bytes)
    }

    func insertion(recordedAt now: Instant) -> PostgresStatement {
        PostgresStatement(
            """
            insert into audit_events
              (chain_started_at, chain_id, n, tenant_id, event_id, document_id, request_id, event_type, outcome, created_at,
               recorded_at, producer, producer_seq, correlation_id, policy_version, signing_method, legal_standard,
               metadata, event, personal, prev_hash, hash)
            select s, c, n, t, i, d, r, y, o, a, $22, p, q, k, v, m, l, j, e, x, b, h
            from unnest($1::timestamptz[], $2::uuid[], $3::int8[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
                        $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::int8[], $13::text[], $14::text[],
                        $15::text[], $16::text[], $17::jsonb[], $18::text[], $19::bytea[], $20::bytea[], $21::bytea[])
              as z(s, c, n, t, i, d, r, y, o, a, p, q, k, v, m, l, j, e, x, b, h)
            """,
            [
                .timestamptzArray(chainStarts), .uuidArray(chainIDs), .int8Array(numbers), .uuidArray(tenants),
                .uuidArray(eventIDs), .uuidArray(documents), .uuidArray(requests), .textArray(types),
                .textArray(outcomes), .timestamptzArray(times), .textArray(producers), .int8Array(producerSequences),
                .textArray(correlations), .textArray(policies), .textArray(methods), .textArray(standards),
                .jsonbArray(metadata), .textArray(events), .byteaArray(personals), .byteaArray(previousHashes),
                .byteaArray(hashes), .timestamptz(now),
            ])
    }
}
