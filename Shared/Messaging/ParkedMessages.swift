// SPDX-License-Identifier: Apache-2.0
import Contracts
import FoundationEssentials
import Postgres
import Tracing

/// The statements of messages that stand behind a dead letter.
enum ParkedMessages {
    static func insertion(_ messages: [InboundMessage], consumer: String, isFree: Bool = false) -> PostgresStatement {
        PostgresStatement(
            """
            insert into parked_messages (consumer, is_free, producer, topic, lane, key, seq, type, tenant_id,
                correlation_id, causation_id, traceparent, audit_after, written_at, payload)
            select $1, $2, t.* from unnest($3::text[], $4::text[], $5::int2[], $6::uuid[], $7::int8[], $8::text[],
                $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::bytea[]) as t
            on conflict (consumer, producer, topic, key, seq) do update set is_free = excluded.is_free
            """, [.text(consumer), .bool(isFree)] + columns(messages))
    }

    /// The columns from `producer` to `payload`, which dead letters share.
    static func columns(_ messages: [InboundMessage]) -> [PostgresValue] {
        [
            .textArray(messages.map(\.producer)), .textArray(messages.map(\.topic.name)),
            .int2Array(messages.map { Int16($0.lane) }), .uuidArray(messages.map(\.key)),
            .int8Array(messages.map(\.seq)), .textArray(messages.map(\.type)), .uuidArray(messages.map(\.tenantID)),
            .textArray(messages.map { $0.correlationID?.text }), .textArray(messages.map { $0.causationID?.text }),
            .textArray(messages.map(\.traceparent)), .textArray(messages.map(\.auditAfter)),
            .timestamptzArray(messages.map(\.time)), .byteaArray(messages.map(\.payload)),
        ]
    }

    /// Removes what was handled after a redrive, with the dead letter at its head.
    static func removals(_ messages: [InboundMessage], consumer: String) -> [PostgresStatement] {
        let parameters: [PostgresValue] =
            [.text(consumer)] + StreamPositions.columns(messages.map(\.stream)) + [.int8Array(messages.map(\.seq))]
        return [
            PostgresStatement(
                """
                delete from parked_messages p
                using unnest($2::text[], $3::text[], $4::uuid[], $5::int8[]) as t(producer, topic, key, seq)
                where p.consumer = $1 and p.producer = t.producer and p.topic = t.topic and p.key = t.key
                    and p.seq = t.seq
                """, parameters),
            PostgresStatement(
                """
                delete from dead_letters d
                using unnest($2::text[], $3::text[], $4::uuid[], $5::int8[]) as t(producer, topic, key, seq)
                where d.consumer = $1 and d.producer = t.producer and d.topic = t.topic and d.key = t.key
                    and d.seq = t.seq
                """, parameters),
        ]
    }

    /// Holds the rest of a stream again, because its head failed once more.
    static func holding(_ stream: MessageStream, consumer: String) -> PostgresStatement {
        PostgresStatement(
            """
            update parked_messages set is_free = false
            where consumer = $1 and producer = $2 and topic = $3 and key = $4 and is_free
            """, [.text(consumer), .text(stream.producer), .text(stream.topic.name), .uuid(stream.key)])
    }

    /// What a redrive set free in these lanes.
    static func free(
        consumer: String, lanes: [Topic: Set<Int>], pool: PostgresPool
    ) async throws -> [InboundMessage] {
        var names: [String?] = []
        var numbers: [Int16] = []
        for (topic, lanes) in lanes {
            names += lanes.map { _ in topic.name }
            numbers += lanes.map { Int16($0) }
        }
        guard !names.isEmpty else { return [] }
        let result = try await pool.execute(
            PostgresStatement(
                """
                select p.producer, p.topic, p.key, p.seq, p.type, p.tenant_id, p.correlation_id, p.causation_id,
                    p.traceparent, p.audit_after, p.written_at, p.payload
                from parked_messages p
                join unnest($2::text[], $3::int2[]) as t(topic, lane) on p.topic = t.topic and p.lane = t.lane
                where p.consumer = $1 and p.is_free order by p.key, p.seq limit 1000
                """, [.text(consumer), .textArray(names), .int2Array(numbers)]))
        let topics = Dictionary(lanes.keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return try result.rows.compactMap { row in
            guard let topic = topics[try row.string(1)] else { return nil }
            return try OutboxPoll.message(row, from: 2, of: OutboxSource(producer: try row.string(0), topic: topic))
        }
    }
}
