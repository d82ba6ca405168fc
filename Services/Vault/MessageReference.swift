// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Foundation
import Messaging
import Postgres

/// A `ce_id` taken apart: producer/topic/key/seq.
struct MessageReference: Hashable {
    let producer: String
    let topic: String
    let key: UUID
    let seq: Int64

    /// The `ce_id` again.
    var id: String { "\(producer)/\(topic)/\(key.text)/\(seq)" }

    init?(_ id: String) {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, let key = UUID(text: parts[2]), let seq = Int64(parts[3]) else { return nil }
        producer = String(parts[0])
        topic = String(parts[1])
        self.key = key
        self.seq = seq
    }

    init(_ stream: MessageStream, seq: Int64) {
        producer = stream.producer
        topic = stream.topic.name
        key = stream.key
        self.seq = seq
    }

    /// Those that this consumer has applied already.
    static func arrived(
        _ references: [MessageReference], consumer: String, in transaction: PostgresTransaction
    ) async throws -> Set<MessageReference> {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select m.place from unnest($2::text[], $3::text[], $4::uuid[], $5::int8[])
                  with ordinality as m(producer, topic, key, seq, place)
                cross join lateral (
                    select next_seq from stream_position p
                    where p.consumer = $1 and p.producer = m.producer and p.topic = m.topic and p.key = m.key offset 0
                ) as p
                where p.next_seq > m.seq
                """,
                [
                    .text(consumer), .textArray(references.map(\.producer)), .textArray(references.map(\.topic)),
                    .uuidArray(references.map(\.key)), .int8Array(references.map(\.seq)),
                ]))
        return Set(try result.rows.map { references[try $0.int(0) - 1] })
    }
}
