// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import FoundationEssentials
import Messaging
import Postgres
import Tracing

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

    /// What an act is done once by.
    private struct Key: Hashable, Comparable {
        let tenant: UUID
        let envelope: UUID
        let request: UUID
        let act: String
        let generation: Int32

        static func < (one: Key, other: Key) -> Bool {
            (one.tenant, one.envelope, one.request, one.act, one.generation)
                < (other.tenant, other.envelope, other.request, other.act, other.generation)
        }
    }

    private struct Entry: Sendable {
        let key: Key
        let digest: [UInt8]
        let acceptedAt: Instant
        let said: Act
    }

    private let pool: PostgresPool
    private let outbox: OutboxWriter
    private let commits: GroupCommit<Entry, Acceptance>

    init(pool: PostgresPool, outbox: OutboxWriter) {
        self.pool = pool
        self.outbox = outbox
        commits = GroupCommit { try await Self.accept($0, pool: pool, outbox: outbox) }
    }

    /// Keeps an act and says it, once; a repeat of the same content changes nothing.
    func accept(
        _ act: RecipientAct, of link: SigningLink, digest: [UInt8], at now: Instant, saying said: Act
    ) async throws -> Acceptance {
        var said = said
        // Another request's task may write it.
        said.trace = Trace.current
        let key = Key(
            tenant: link.tenantID.uuid, envelope: link.envelopeID.uuid, request: link.requestID.uuid, act: act.rawValue,
            generation: Int32(link.generation))
        return try await commits.submit(Entry(key: key, digest: digest, acceptedAt: now, said: said))
    }

    /// Writes an audit event that belongs to no act, such as a look at a document.
    func note(_ event: Act) async throws {
        try await pool.withTransaction { transaction in
            _ = try await transaction.pipelineAndCommit(outbox.statements([event], in: transaction))
        }
    }

    // MARK: A group

    private static func accept(
        _ entries: [Entry], pool: PostgresPool, outbox: OutboxWriter
    ) async throws -> [Acceptance] {
        // Rows are locked in one order, whatever other processes commit at the same time.
        let order = entries.indices.sorted { (entries[$0].key, $0) < (entries[$1].key, $1) }
        let sorted = order.map { entries[$0] }
        let acceptances = try await pool.withTransaction { transaction in
            var new = Set(try await transaction.execute(insertion(of: sorted)).rows.map(key))
            // Of two equal keys in one group the first is the row.
            let isFirst = sorted.map { new.remove($0.key) != nil }
            let first = zip(sorted, isFirst).filter(\.1).map(\.0.said)
            let known = first.count == sorted.count ? [:] : try await digests(of: sorted, in: transaction)
            let rows = outbox.statements(first, in: transaction)
            if !rows.isEmpty { _ = try await transaction.pipelineAndCommit(rows) }
            return zip(sorted, isFirst).map { entry, isFirst in
                if isFirst { return Acceptance.first }
                return known[entry.key] == entry.digest ? .repeated : .different
            }
        }
        return zip(order, acceptances).sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func insertion(of entries: [Entry]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into recipient_acts (tenant_id, envelope_id, request_id, act, generation, digest, accepted_at)
            select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int4[], $6::bytea[],
                $7::timestamptz[])
            on conflict do nothing returning tenant_id, envelope_id, request_id, act, generation
            """,
            keys(entries) + [
                .byteaArray(entries.map(\.digest)), .timestamptzArray(entries.map(\.acceptedAt)),
            ])
    }

    private static func digests(
        of entries: [Entry], in transaction: PostgresTransaction
    ) async throws -> [Key: [UInt8]] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select tenant_id, envelope_id, request_id, act, generation, digest from recipient_acts
                where (tenant_id, envelope_id, request_id, act, generation) in (
                    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int4[]))
                """, keys(entries)))
        var digests: [Key: [UInt8]] = [:]
        for row in result.rows { digests[try key(row)] = try row.bytes(5) }
        return digests
    }

    private static func keys(_ entries: [Entry]) -> [PostgresValue] {
        [
            .uuidArray(entries.map(\.key.tenant)), .uuidArray(entries.map(\.key.envelope)),
            .uuidArray(entries.map(\.key.request)), .textArray(entries.map(\.key.act)),
            .int4Array(entries.map(\.key.generation)),
        ]
    }

    private static func key(_ row: PostgresRow) throws -> Key {
        Key(
            tenant: try row.uuid(0), envelope: try row.uuid(1), request: try row.uuid(2), act: try row.string(3),
            generation: Int32(try row.int(4)))
    }
}
