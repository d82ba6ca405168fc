// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Messaging
import Postgres

/// Appends to chains; the only code that assigns `n` and a hash.
struct AuditLogStore {
    /// Names the rule set that genesis records carry.
    static let policyVersion = "builtin-1"

    private struct Chain {
        var chain: HashChain
        let genesis: ChainGenesis
        let storedCount: Int64
        var dataKeyID: UUID?
    }

    /// Appends the events in the order given; each chain's head moves by compare-and-set.
    ///
    /// - Throws: `PostgresError`; `PermanentFailure` for an event of another tenant than its chain's;
    ///   `AuditLogConflict` when another writer moved or began a chain at the same time.
    static func append(_ events: [SealedEvent], at now: Instant, in transaction: PostgresTransaction) async throws {
        guard !events.isEmpty else { return }
        var chains = try await chains(for: events, in: transaction)
        var rows = AuditRows()
        for event in events {
            let subject = ChainSubject(of: event.event.fact)
            guard var chain = chains[subject] else { throw AuditLogConflict() }
            let previous = chain.chain.head
            let event = event.numbered(chain.chain.count + 1)
            let bytes = event.event.canonicalBytes()
            let hash = chain.chain.append(canonicalEvent: bytes)
            chain.dataKeyID = chain.dataKeyID ?? event.dataKeyID
            rows.append(
                event, canonical: bytes, chainStartedAt: chain.genesis.startedAt, chain: chain.chain,
                previous: previous,
                hash: hash)
            chains[subject] = chain
        }
        let moved = try await transaction.pipeline([
            rows.insertion(recordedAt: now), movement(of: Array(chains.values)),
        ])
        guard moved.last?.rows.count == chains.count else { throw AuditLogConflict() }
    }

    /// The data key that each of these chains seals personal data with, where it has one.
    static func dataKeys(of chains: [UUID], in transaction: PostgresTransaction) async throws -> [UUID: UUID] {
        let result = try await transaction.execute(
            PostgresStatement(
                "select chain_id, data_key_id from chain_heads where chain_id = any($1::uuid[]) and data_key_id is not null",
                [.uuidArray(chains)]))
        var keys: [UUID: UUID] = [:]
        for row in result.rows { keys[try row.uuid(0)] = try row.uuid(1) }
        return keys
    }

    /// Locks the heads of all chains concerned, in one order, and begins those that are new.
    private static func chains(
        for events: [SealedEvent], in transaction: PostgresTransaction
    ) async throws -> [ChainSubject: Chain] {
        let starts = Self.starts(of: events)
        let newest = try await newestChains(of: starts.keys.filter { $0.kind != .envelope }, in: transaction)
        var ids: [ChainSubject: UUID] = [:]
        for (subject, start) in starts { ids[subject] = newest[subject] ?? subject.chainID(at: start) }
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select chain_id, tenant_id, subject_kind, started_at, policy_version, previous_head, data_key_id, n, hash
                from chain_heads where chain_id = any($1::uuid[]) order by chain_id for update
                """, [.uuidArray(Array(ids.values))]))
        var found: [UUID: Chain] = [:]
        for row in result.rows { found[try row.uuid(0)] = try chain(row) }
        var chains: [ChainSubject: Chain] = [:]
        for (subject, start) in starts {
            let last = ids[subject].flatMap { found[$0] }
            if let last, last.genesis.tenantID != subject.tenantID {
                throw PermanentFailure(code: "foreign_tenant", detail: "chain \(last.genesis.chainID)")
            }
            if let last, subject.kind == .envelope || last.genesis.startedAt.month >= start.month {
                chains[subject] = last
            } else {
                chains[subject] = begin(subject, at: start, after: last)
            }
        }
        return chains
    }

    /// When the chain of each subject would begin: with its first event, of the newest month that there is.
    private static func starts(of events: [SealedEvent]) -> [ChainSubject: Instant] {
        var starts: [ChainSubject: Instant] = [:]
        for event in events {
            let subject = ChainSubject(of: event.event.fact)
            let time = event.event.fact.occurredAt
            guard let known = starts[subject] else {
                starts[subject] = time
                continue
            }
            let isNewer = subject.kind != .envelope && time.month > known.month
            let isEarlier = time < known && (subject.kind == .envelope || time.month == known.month)
            if isNewer || isEarlier { starts[subject] = time }
        }
        return starts
    }

    /// The last chain that a tenant or the system has: an event of a month that is over goes there, because the head of
    /// that month is named by its successor and moves no more.
    private static func newestChains(
        of subjects: [ChainSubject], in transaction: PostgresTransaction
    ) async throws -> [ChainSubject: UUID] {
        guard !subjects.isEmpty else { return [:] }
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select m.place, l.chain_id
                from unnest($1::uuid[], $2::text[]) with ordinality as m(tenant, kind, place)
                cross join lateral (
                    select h.chain_id from chain_heads h where h.tenant_id = m.tenant and h.subject_kind = m.kind
                    order by h.started_at desc limit 1) l
                """,
                [.uuidArray(subjects.map(\.tenantID.uuid)), .textArray(subjects.map(\.kind.rawValue))]))
        var newest: [ChainSubject: UUID] = [:]
        for row in result.rows { newest[subjects[try row.int(0) - 1]] = try row.uuid(1) }
        return newest
    }

    /// The chain of a month names the head of the one before it, so that no month can vanish.
    private static func begin(_ subject: ChainSubject, at startedAt: Instant, after last: Chain?) -> Chain {
        let genesis = ChainGenesis(
            tenantID: subject.tenantID, chainID: subject.chainID(at: startedAt), subjectKind: subject.kind,
            startedAt: startedAt, policyVersion: policyVersion, previousHead: last?.chain.head)
        return Chain(chain: HashChain(genesis: genesis), genesis: genesis, storedCount: -1, dataKeyID: nil)
    }

    private static func chain(_ row: PostgresRow) throws -> Chain {
        guard let kind = ChainGenesis.SubjectKind(rawValue: try row.string(2)),
            let head = ContentDigest(bytes: try row.bytes(8))
        else { throw AuditLogConflict() }
        let genesis = ChainGenesis(
            tenantID: TenantID(try row.uuid(1)), chainID: try row.uuid(0), subjectKind: kind,
            startedAt: try row.instant(3), policyVersion: try row.string(4),
            previousHead: try row.bytesOrNil(5).flatMap { ContentDigest(bytes: $0) })
        let count = try row.int64(7)
        return Chain(
            chain: HashChain(tenantID: genesis.tenantID, chainID: genesis.chainID, count: count, head: head),
            genesis: genesis, storedCount: count, dataKeyID: try row.uuidOrNil(6))
    }

    private static func movement(of chains: [Chain]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into chain_heads as h
              (chain_id, tenant_id, subject_kind, started_at, policy_version, previous_head, data_key_id, n, hash)
            select c, t, k, s, p, b, d, n, x
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::bytea[], $7::uuid[],
                        $8::int8[], $9::bytea[], $10::int8[]) as m(c, t, k, s, p, b, d, n, x, stored)
            order by c
            on conflict (chain_id) do update set n = excluded.n, hash = excluded.hash,
              data_key_id = coalesce(h.data_key_id, excluded.data_key_id)
            where h.n = any (select m.stored from unnest($1::uuid[], $10::int8[]) as m(c, stored) where m.c = h.chain_id)
            returning chain_id
            """,
            [
                .uuidArray(chains.map(\.genesis.chainID)), .uuidArray(chains.map(\.genesis.tenantID.uuid)),
                .textArray(chains.map(\.genesis.subjectKind.rawValue)),
                .timestamptzArray(chains.map(\.genesis.startedAt)), .textArray(chains.map(\.genesis.policyVersion)),
                .byteaArray(chains.map(\.genesis.previousHead?.bytes)), .uuidArray(chains.map(\.dataKeyID)),
                .int8Array(chains.map(\.chain.count)), .byteaArray(chains.map(\.chain.head.bytes)),
                .int8Array(chains.map(\.storedCount)),
            ])
    }
}

/// Two writers moved one chain at the same time; the transaction is given up and the batch comes again.
struct AuditLogConflict: Error {}
