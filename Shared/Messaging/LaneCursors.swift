// SPDX-License-Identifier: Apache-2.0
import Contracts
import FoundationEssentials
package import Postgres

/// The stored cursors of a consumer: moved forward behind what was committed, moved back by hand to replay.
package enum LaneCursors {
    /// Makes missing cursors, sets those of another cluster back to the start, and reads them all.
    static func load(
        _ lanes: Set<LaneID>, consumer: String, pool: PostgresPool
    ) async throws -> [LaneID: LanePosition] {
        let ordered = lanes.sorted { ($0.topic.name, $0.producer, $0.number) < ($1.topic.name, $1.producer, $1.number) }
        let columns: [PostgresValue] = [
            .text(consumer), .textArray(ordered.map(\.producer)), .textArray(ordered.map(\.topic.name)),
            .int2Array(ordered.map { Int16($0.number) }),
        ]
        let results = try await pool.batch([
            PostgresStatement(
                """
                insert into lane_cursor as c (consumer, producer, topic, lane, transaction_id, id, system_identifier)
                select $1, t.producer, t.topic, t.lane, '0', 0, s.system_identifier
                from unnest($2::text[], $3::text[], $4::int2[]) with ordinality as t(producer, topic, lane, place)
                cross join pg_control_system() s
                order by t.place
                on conflict (consumer, producer, topic, lane) do update
                set transaction_id = '0', id = 0, system_identifier = excluded.system_identifier
                where c.system_identifier <> excluded.system_identifier
                """, columns),
            PostgresStatement(
                """
                select t.place, c.transaction_id, c.id
                from unnest($2::text[], $3::text[], $4::int2[]) with ordinality as t(producer, topic, lane, place)
                join lane_cursor c
                    on c.consumer = $1 and c.producer = t.producer and c.topic = t.topic and c.lane = t.lane
                """, columns),
        ])
        var cursors: [LaneID: LanePosition] = [:]
        for row in results.last?.rows ?? [] {
            let lane = ordered[try row.int(0) - 1]
            cursors[lane] = LanePosition(major: try row.xid(1), minor: try row.int64(2))
        }
        return cursors
    }

    /// Moves cursors forward, in the order of lanes, so that two batches of one member never wait for each other.
    static func moving(_ progress: [LaneProgress], consumer: String) -> PostgresStatement {
        PostgresStatement(
            """
            update lane_cursor c set transaction_id = m.transaction_id, id = m.id
            from (
                select l.consumer, l.producer, l.topic, l.lane, t.transaction_id, t.id
                from unnest($2::text[], $3::text[], $4::int2[], $5::xid8[], $6::int8[])
                    as t(producer, topic, lane, transaction_id, id)
                join lane_cursor l
                    on l.consumer = $1 and l.producer = t.producer and l.topic = t.topic and l.lane = t.lane
                order by l.producer, l.topic, l.lane for no key update of l
            ) m
            where c.consumer = m.consumer and c.producer = m.producer and c.topic = m.topic and c.lane = m.lane
                and (c.transaction_id, c.id) < (m.transaction_id, m.id)
            """,
            [
                .text(consumer), .textArray(progress.map(\.lane.producer)),
                .textArray(progress.map(\.lane.topic.name)), .int2Array(progress.map { Int16($0.lane.number) }),
                .xid8Array(progress.map(\.position.major)), .int8Array(progress.map(\.position.minor)),
            ])
    }

    /// Moves all cursors of a consumer back to the start, so that it reads again what the outboxes still hold; members
    /// that hold lanes notice when they gain them again.
    package static func rewind(consumer: String, pool: PostgresPool) async throws {
        _ = try await pool.execute(
            PostgresStatement(
                "update lane_cursor set transaction_id = '0', id = 0 where consumer = $1", [.text(consumer)]))
    }
}
