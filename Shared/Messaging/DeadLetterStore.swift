// SPDX-License-Identifier: Apache-2.0
package import Clocks
import Contracts
import FoundationEssentials
package import Postgres

/// A service's dead letters, as operators list and redrive them.
package struct DeadLetterStore: Sendable {
    private let pool: PostgresPool
    private let clock: BusinessClock

    /// Works in the schema of the pool's sessions.
    package init(pool: PostgresPool, clock: BusinessClock) {
        self.pool = pool
        self.clock = clock
    }

    /// The oldest dead letters first.
    package func list(limit: Int = 1000) async throws -> [DeadLetter] {
        try await letters("order by id limit $1", .int8(Int64(limit)))
    }

    /// Lets a message be handled again under its own key and number, and what is parked behind it follow in order.
    ///
    /// The service takes it up within half a second; until then, and if it fails again, it stays listed.
    ///
    /// - Parameters:
    ///   - id: The number that `list` gives.
    ///   - record: Writes the act's audit event in the same transaction; gets what `redrive` answers.
    /// - Returns: How many messages wait behind it; nil when there is no such dead letter.
    /// - Throws: `PermanentFailure` with code `not_redrivable` for a record that never was a message.
    package func redrive(
        id: Int64, record: (DeadLetter, Int, PostgresTransaction) async throws -> Void = { _, _, _ in }
    ) async throws -> Int? {
        guard let letter = try await letters("where id = $1", .int8(id)).first else { return nil }
        let (message, stream) = (letter.message, letter.message.stream)
        let now = clock.now()
        return try await pool.withTransaction { transaction in
            // First of all: it waits for a consumer that is parking, so that nothing is parked behind the update below.
            let position = try await transaction.execute(
                PostgresStatement(
                    """
                    update stream_position set is_parked = false
                    where consumer = $1 and producer = $2 and topic = $3 and key = $4 and next_seq = $5
                    """, Self.parameters(letter.consumer, stream) + [.int8(message.seq)]))
            guard position.affectedRows == 1 else {
                throw PermanentFailure(code: "not_redrivable", detail: "no stream stands at this dead letter")
            }
            let results = try await transaction.pipeline([
                PostgresStatement(
                    """
                    update parked_messages set is_free = true
                    where consumer = $1 and producer = $2 and topic = $3 and key = $4
                    """, Self.parameters(letter.consumer, stream)),
                PostgresStatement(
                    "update dead_letters set redriven_at = $2 where id = $1", [.int8(id), .timestamptz(now)]),
                ParkedMessages.insertion([message], consumer: letter.consumer, isFree: true),
            ])
            let parked = results.first?.affectedRows ?? 0
            try await record(letter, parked, transaction)
            return parked
        }
    }

    /// Stores a message that cannot be handled and parks what follows it; its stream's position stays where it is.
    static func burial(_ letter: DeadLetter) -> [PostgresStatement] {
        let message = letter.message
        return [
            PostgresStatement(
                """
                insert into dead_letters as d (consumer, reason_code, reason_detail, attempts, origin, died_at,
                    producer, topic, lane, key, seq, type, tenant_id, correlation_id, causation_id, traceparent,
                    audit_after, written_at, payload)
                select $1, $2, $3, $4, $5, $6, t.* from unnest($7::text[], $8::text[], $9::int2[], $10::uuid[],
                    $11::int8[], $12::text[], $13::uuid[], $14::text[], $15::text[], $16::text[], $17::text[],
                    $18::timestamptz[], $19::bytea[]) as t
                on conflict (consumer, producer, topic, key, seq) do update
                set reason_code = excluded.reason_code, reason_detail = excluded.reason_detail,
                    attempts = d.attempts + excluded.attempts, died_at = excluded.died_at, redriven_at = null
                """,
                [
                    .text(letter.consumer), .text(letter.reasonCode), .text(letter.reasonDetail),
                    .int4(Int32(letter.attempts)), .text(letter.origin), .timestamptz(letter.diedAt),
                ] + ParkedMessages.columns([message])),
            PostgresStatement(
                """
                delete from parked_messages
                where consumer = $1 and producer = $2 and topic = $3 and key = $4 and seq = $5
                """, parameters(letter.consumer, message.stream) + [.int8(message.seq)]),
            ParkedMessages.holding(message.stream, consumer: letter.consumer),
        ]
    }

    private static func parameters(_ consumer: String, _ stream: MessageStream) -> [PostgresValue] {
        [.text(consumer), .text(stream.producer), .text(stream.topic.name), .uuid(stream.key)]
    }

    private func letters(_ condition: StaticString, _ parameter: PostgresValue) async throws -> [DeadLetter] {
        let result = try await pool.execute(
            PostgresStatement(
                """
                select producer, topic, key, seq, type, tenant_id, correlation_id, causation_id, traceparent,
                    audit_after, written_at, payload, id, consumer, reason_code, reason_detail, attempts, origin,
                    died_at, redriven_at
                from dead_letters \(condition)
                """, [parameter]))
        return try result.rows.map { row in
            let name = try row.string(1)
            let source = OutboxSource(
                producer: try row.string(0), topic: Topic(named: name) ?? Topic(name: name, lanes: 1))
            return DeadLetter(
                id: try row.int64(12), consumer: try row.string(13),
                message: try OutboxPoll.message(row, from: 2, of: source), reasonCode: try row.string(14),
                reasonDetail: try row.string(15), attempts: try row.int(16), origin: try row.string(17),
                diedAt: try row.instant(18), redrivenAt: try row.instantOrNil(19))
        }
    }
}
