// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Postgres

/// Rows for `audit_events`, gathered column by column for one multi-row insert.
struct AuditRows {
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

    mutating func append(
        _ sealed: SealedEvent, canonical: [UInt8], chainStartedAt: Instant, chain: HashChain, previous: ContentDigest,
        hash: ContentDigest
    ) {
        let fact = sealed.event.fact
        chainStarts.append(chainStartedAt)
        chainIDs.append(chain.chainID)
        numbers.append(chain.count)
        tenants.append(chain.tenantID.uuid)
        eventIDs.append(fact.eventID)
        documents.append(fact.documentID?.uuid)
        requests.append(fact.requestID?.uuid)
        types.append(fact.eventType.rawValue)
        outcomes.append(fact.outcome.rawValue)
        times.append(fact.occurredAt)
        producers.append(sealed.event.producer)
        producerSequences.append(sealed.event.producerSequence)
        correlations.append(fact.correlationID)
        policies.append(fact.policyVersion)
        methods.append(fact.signingMethod?.rawValue)
        standards.append(fact.legalStandard?.rawValue)
        metadata.append(String(decoding: JSONValue.object(fact.metadata).canonicalBytes(), as: UTF8.self))
        events.append(String(decoding: canonical, as: UTF8.self))
        personals.append(sealed.personal)
        previousHashes.append(previous.bytes)
        hashes.append(hash.bytes)
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
