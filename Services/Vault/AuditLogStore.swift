// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Postgres

/// One event on its way into the log, its personal data already sealed.
struct SealedEvent: Sendable {
    let event: ChainedEvent
    let personal: [UInt8]?
    let dataKeyID: UUID?
}

extension SealedEvent {
    /// The schema of the events that the vault itself writes; they have no stream, so their place in the chain numbers them.
    static let ownProducer = "vault"

    /// An event of the vault's own, without personal data.
    init(own fact: AuditFact) {
        self.init(
            event: ChainedEvent(fact: fact, producer: Self.ownProducer, producerSequence: 0, personalSHA256: nil),
            personal: nil, dataKeyID: nil)
    }

    fileprivate func numbered(_ number: Int64) -> SealedEvent {
        guard event.producer == Self.ownProducer else { return self }
        return SealedEvent(
            event: ChainedEvent(
                fact: event.fact, producer: event.producer, producerSequence: number, personalSHA256: nil),
            personal: nil, dataKeyID: nil)
    }
}

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
    /// - Throws: `PostgresError`; `AuditLogConflict` when another writer moved a head, which a lock makes impossible.
    static func append(_ events: [SealedEvent], at now: Instant, in transaction: PostgresTransaction) async throws {
        var chains = try await heads(of: events, in: transaction)
        var rows = AuditRows()
        for event in events {
            let address = ChainAddress(of: event.event.fact)
            guard var chain = chains[address] else { throw AuditLogConflict() }
            let previous = chain.chain.head
            let event = event.numbered(chain.chain.count + 1)
            let bytes = event.event.canonicalBytes()
            let hash = chain.chain.append(canonicalEvent: bytes)
            chain.dataKeyID = chain.dataKeyID ?? event.dataKeyID
            rows.append(
                event, canonical: bytes, chainStartedAt: chain.genesis.startedAt, chain: chain.chain, previous: previous,
                hash: hash)
            chains[address] = chain
        }
        let moved = try await transaction.pipeline([rows.insertion(recordedAt: now), movement(of: Array(chains.values))])
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
    private static func heads(
        of events: [SealedEvent], in transaction: PostgresTransaction
    ) async throws -> [ChainAddress: Chain] {
        var first: [ChainAddress: Instant] = [:]
        for event in events {
            let address = ChainAddress(of: event.event.fact)
            first[address] = min(first[address] ?? event.event.fact.occurredAt, event.event.fact.occurredAt)
        }
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select chain_id, tenant_id, subject_kind, started_at, policy_version, previous_head, data_key_id, n, hash
                from chain_heads where chain_id = any($1::uuid[]) order by chain_id for update
                """, [.uuidArray(first.keys.map(\.chainID))]))
        var found: [UUID: Chain] = [:]
        for row in result.rows { found[try row.uuid(0)] = try chain(row) }
        var chains: [ChainAddress: Chain] = [:]
        for (address, startedAt) in first {
            if let chain = found[address.chainID] {
                chains[address] = chain
            } else {
                chains[address] = try await begin(address, at: startedAt, in: transaction)
            }
        }
        return chains
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

    /// The chain of a month names the head of the one before it, so that no month can vanish.
    private static func begin(
        _ address: ChainAddress, at startedAt: Instant, in transaction: PostgresTransaction
    ) async throws -> Chain {
        var previous: ContentDigest?
        if address.kind != .envelope {
            let result = try await transaction.execute(
                PostgresStatement(
                    """
                    select hash from chain_heads where tenant_id = $1 and subject_kind = $2
                    order by started_at desc limit 1
                    """, [.uuid(address.tenantID.uuid), .text(address.kind.rawValue)]))
            previous = try result.rows.first.flatMap { ContentDigest(bytes: try $0.bytes(0)) }
        }
        let genesis = ChainGenesis(
            tenantID: address.tenantID, chainID: address.chainID, subjectKind: address.kind, startedAt: startedAt,
            policyVersion: policyVersion, previousHead: previous)
        return Chain(chain: HashChain(genesis: genesis), genesis: genesis, storedCount: -1, dataKeyID: nil)
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
