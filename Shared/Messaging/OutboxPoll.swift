// SPDX-License-Identifier: Apache-2.0
import Contracts
import Postgres
import Tracing

/// The one query that reads all lanes of a source.
enum OutboxPoll {
    /// Comes first in a pipeline of polls: reading in index order must not depend on what statistics say of a new day.
    static let planning = PostgresStatement(
        """
        select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
            set_config('enable_sort', 'off', true)
        """)

    /// The next rows of each lane in its order, also those above the horizon: they come last, without a payload.
    static func statement(
        _ source: OutboxSource, _ lanes: [(lane: LaneID, position: LanePosition)], limit: Int
    ) -> PostgresStatement {
        PostgresStatement(
            """
            select r.* from unnest($1::int2[], $2::xid8[], $3::int8[]) as c(lane, transaction_id, id)
            cross join lateral (
                select o.lane, o.transaction_id, o.id, o.key, o.seq, o.type, o.tenant_id, o.correlation_id,
                    o.causation_id, o.traceparent, o.audit_after, o.written_at,
                    case when o.transaction_id < (select pg_snapshot_xmin(pg_current_snapshot())) then o.payload end
                from \(source.producer).\(TopicRouting.view(of: source.topic)) o
                where o.lane = c.lane and (o.transaction_id, o.id) > (c.transaction_id, c.id)
                order by o.transaction_id, o.id limit $4
            ) r
            """,
            [
                .int2Array(lanes.map { Int16($0.lane.number) }), .xid8Array(lanes.map(\.position.major)),
                .int8Array(lanes.map(\.position.minor)), .int8(Int64(limit)),
            ])
    }

    /// Whether more rows with lower transaction ids may still become visible in the row's lane.
    static func isAboveHorizon(_ row: PostgresRow) -> Bool { row.isNull(12) }

    static func delivery(_ row: PostgresRow, of source: OutboxSource) throws -> Delivery {
        let lane = source.lane(try row.int(0))
        let position = LanePosition(major: try row.xid(1), minor: try row.int64(2))
        return Delivery(message: try message(row, from: 3, of: source), lane: lane, position: position)
    }

    /// Reads the columns from `key` to `payload`, which outbox, dead letters and parked messages share.
    static func message(_ row: PostgresRow, from first: Int, of source: OutboxSource) throws -> InboundMessage {
        let stream = MessageStream(producer: source.producer, topic: source.topic, key: try row.uuid(first))
        return InboundMessage(
            stream: stream, seq: try row.int64(first + 1), type: try row.string(first + 2),
            tenantID: try row.uuid(first + 3),
            correlationID: try row.stringOrNil(first + 4).flatMap { CorrelationID($0) },
            causationID: try row.stringOrNil(first + 5).flatMap { CausationID($0) },
            traceparent: try row.stringOrNil(first + 6), auditAfter: try row.stringOrNil(first + 7),
            time: try row.instant(first + 8), payload: try row.bytes(first + 9))
    }
}
