// SPDX-License-Identifier: Apache-2.0
package import Clocks
import Contracts
import FoundationEssentials
package import Postgres
import Tracing

/// Writes what decisions say into the service's own outbox, inside the transaction that decided.
///
/// However many acts there are it costs one statement, which takes the numbers of all streams in key order and inserts
/// all rows. Lock the aggregate's own row before.
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

    /// Writes all acts and answers how many messages they were.
    ///
    /// - Throws: `PostgresError`; the transaction must be given up then.
    @discardableResult
    package func write(_ acts: [Act], in transaction: PostgresTransaction) async throws -> Int {
        try await transaction.pipeline(statements(acts, in: transaction)).last?.affectedRows ?? 0
    }

    /// The same for the caller to send, in this transaction and once: with its last statements and the commit it costs
    /// no round trip of its own.
    package func statements(_ acts: [Act], in transaction: PostgresTransaction) -> [PostgresStatement] {
        let insertion = OutboxInsertion(acts, producer: producer)
        guard !insertion.isEmpty else { return [] }
        let time = clock.now()
        let sources = Set(insertion.topics.map { WakeUp.source(producer: producer, topic: $0) })
        transaction.onCommit { [wakeUp] in wakeUp.ring(sources) }
        return days.preparation(for: time, in: transaction) + [insertion.statement(time: time)]
    }
}
