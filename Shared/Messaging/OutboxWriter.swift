// SPDX-License-Identifier: Apache-2.0
package import Clocks
import Contracts
import FoundationEssentials
package import Postgres
import Tracing

/// Writes what decisions say into the service's own outbox, inside the transaction that decided.
///
/// However many acts there are it costs two round trips: one takes the numbers of all streams, in key order, one
/// inserts all rows. Lock the aggregate's own row before.
package struct OutboxWriter: Sendable {
    /// The service's schema, the first part of every `ce_id`.
    package let producer: String
    private let clock: BusinessClock
    private let wakeUp: WakeUp
    private let days = OutboxDays()

    /// Writes as the schema named `producer`; readers are woken after commit.
    package init(producer: String, clock: BusinessClock, wakeUp: WakeUp) {
        self.producer = producer
        self.clock = clock
        self.wakeUp = wakeUp
    }

    /// Writes all acts and answers the `ce_id`s of each, audit events first.
    ///
    /// - Throws: `PostgresError`; the transaction must be given up then.
    @discardableResult
    package func write(_ acts: [Act], in transaction: PostgresTransaction) async throws -> [[String]] {
        let staged = try await stage(acts, in: transaction)
        if let insertion = staged.insertion { _ = try await transaction.execute(insertion) }
        return staged.ids
    }

    /// Takes the numbers and leaves the insertion to the caller, who sends it with the last statements and the commit.
    func stage(_ acts: [Act], in transaction: PostgresTransaction) async throws -> StagedOutbox {
        guard acts.contains(where: { !$0.audit.isEmpty || !$0.messages.isEmpty }) else {
            return StagedOutbox(ids: acts.map { _ in [] }, insertion: nil)
        }
        let time = clock.now()
        let streams = try await takeNumbers(acts, on: time, in: transaction)
        let staged = StagedOutbox(acts, producer: producer, time: time, streams: streams)
        let sources = Set(streams.keys.map { WakeUp.source(producer: producer, topic: $0.topic) })
        transaction.onCommit { [wakeUp] in wakeUp.ring(sources) }
        return staged
    }

    private func takeNumbers(
        _ acts: [Act], on time: Instant, in transaction: PostgresTransaction
    ) async throws -> [MessageStream: Int64] {
        var counts: [MessageStream: Int64] = [:]
        for act in acts {
            for message in act.audit + act.messages {
                counts[MessageStream(producer: producer, topic: message.topic, key: message.key), default: 0] += 1
            }
        }
        let streams = counts.keys.sorted()
        let numbering = PostgresStatement(
            """
            insert into outbox_stream as s (topic, key, last_seq)
            select t.topic, t.key, t.count from unnest($1::text[], $2::uuid[], $3::int8[])
                with ordinality as t(topic, key, count, place) order by t.place
            on conflict (topic, key) do update set last_seq = s.last_seq + excluded.last_seq
            returning topic, key, last_seq
            """,
            [
                .textArray(streams.map(\.topic.name)), .uuidArray(streams.map(\.key)),
                .int8Array(streams.map { counts[$0] ?? 0 }),
            ])
        let results = try await transaction.pipeline(days.preparation(for: time, in: transaction) + [numbering])
        let topics = Dictionary(streams.map { ($0.topic.name, $0.topic) }, uniquingKeysWith: { first, _ in first })
        var next: [MessageStream: Int64] = [:]
        for row in results.last?.rows ?? [] {
            guard let topic = topics[try row.string(0)] else { continue }
            let stream = MessageStream(producer: producer, topic: topic, key: try row.uuid(1))
            next[stream] = try row.int64(2) - (counts[stream] ?? 0) + 1
        }
        return next
    }
}
