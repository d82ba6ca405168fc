// SPDX-License-Identifier: Apache-2.0
import Audit
import Clocks
import Envelopes
import Foundation
import Postgres

/// A chain and where it stands.
struct ChainState {
    /// Names the rule set that genesis records carry.
    static let policyVersion = "builtin-1"

    let genesis: ChainGenesis
    var chain: HashChain
    var dataKeyID: UUID?
    /// The stored head that the next append follows: the chain's own or, where it has no event, that of the month before.
    private(set) var storedHead: ContentDigest?

    init(beginning subject: ChainSubject, at startedAt: Instant, after previous: ContentDigest?) {
        genesis = ChainGenesis(
            tenantID: subject.tenantID, chainID: subject.chainID(at: startedAt), subjectKind: subject.kind,
            startedAt: startedAt, policyVersion: Self.policyVersion, previousHead: previous)
        chain = HashChain(genesis: genesis)
        storedHead = previous
    }

    /// The same chain after its new head was stored.
    var stored: ChainState {
        var state = self
        state.storedHead = chain.head
        return state
    }

    // MARK: - Stored chains

    static func selection(of chains: [UUID]) -> PostgresStatement {
        PostgresStatement(
            """
            select chain_id, tenant_id, subject_kind, started_at, policy_version, previous_head, data_key_id, n, hash
            from chain_heads where chain_id = any($1::uuid[])
            """, [.uuidArray(chains)])
    }

    static func read(_ result: PostgresResult) throws -> [UUID: ChainState] {
        var states: [UUID: ChainState] = [:]
        for row in result.rows { states[try row.uuid(0)] = try ChainState(row) }
        return states
    }

    private init(_ row: PostgresRow) throws {
        guard let kind = ChainGenesis.SubjectKind(rawValue: try row.string(2)),
            let head = ContentDigest(bytes: try row.bytes(8))
        else { throw AuditLogConflict() }
        genesis = ChainGenesis(
            tenantID: TenantID(try row.uuid(1)), chainID: try row.uuid(0), subjectKind: kind,
            startedAt: try row.instant(3), policyVersion: try row.string(4),
            previousHead: try row.bytesOrNil(5).flatMap { ContentDigest(bytes: $0) })
        chain = HashChain(tenantID: genesis.tenantID, chainID: genesis.chainID, count: try row.int64(7), head: head)
        dataKeyID = try row.uuidOrNil(6)
        storedHead = head
    }

    /// The last chain that a tenant or the system has: an event of a month that is over goes there, because the head of
    /// that month is named by its successor and moves no more.
    static func newest(
        of subjects: [ChainSubject], in transaction: PostgresTransaction
    ) async throws -> [ChainSubject: UUID] {
        guard !subjects.isEmpty else { return [:] }
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select m.place, l.chain_id
                from unnest($1::uuid[], $2::text[]) with ordinality as m(tenant, kind, place)
                cross join lateral (
                    select h.chain_id from chain_heads h
                    where h.tenant_id = m.tenant and h.subject_kind = m.kind and h.subject_kind <> 'envelope'
                    order by h.started_at desc limit 1) l
                """,
                [.uuidArray(subjects.map(\.tenantID.uuid)), .textArray(subjects.map(\.kind.rawValue))]))
        var newest: [ChainSubject: UUID] = [:]
        for row in result.rows { newest[subjects[try row.int(0) - 1]] = try row.uuid(1) }
        return newest
    }
}

/// What one batch appends to one chain.
struct ChainExtension {
    struct Link {
        let number: Int64
        let sealed: SealedEvent
        let canonical: [UInt8]
        let previous: ContentDigest
        let hash: ContentDigest
    }

    let subject: ChainSubject
    /// The head that has to be stored for the extension to hold; nil where nothing may be.
    let follows: ContentDigest?
    /// After the last link.
    private(set) var state: ChainState
    private(set) var links: [Link] = []

    var chainID: UUID { state.genesis.chainID }

    /// - Throws: `AuditLogConflict` when an event of an envelope is sealed with another key than the chain's.
    init(of state: ChainState, for subject: ChainSubject, by events: [SealedEvent]) throws {
        self.subject = subject
        var state = state
        follows = state.storedHead
        links.reserveCapacity(events.count)
        for event in events {
            let number = state.chain.count + 1
            let previous = state.chain.head
            let sealed = event.numbered(number)
            if let key = sealed.dataKeyID {
                state.dataKeyID = state.dataKeyID ?? key
                if subject.kind == .envelope, key != state.dataKeyID { throw AuditLogConflict() }
            }
            let canonical = sealed.event.canonicalBytes()
            let hash = state.chain.append(canonicalEvent: canonical)
            links.append(Link(number: number, sealed: sealed, canonical: canonical, previous: previous, hash: hash))
        }
        self.state = state.stored
    }
}
