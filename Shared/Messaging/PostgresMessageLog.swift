// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import Logging
package import Postgres

/// The embedded driver: consumers read the producers' outboxes through the views that were granted to them.
package final class PostgresMessageLog: MessageLog {
    package let name = "postgres"

    private let pool: PostgresPool
    private let wakeUp: WakeUp
    private let logger: Logger
    private let producers: Set<ServiceRole>

    /// `producers` limits whose outboxes are read: a relay reads its own service's only.
    package init(
        pool: PostgresPool, wakeUp: WakeUp, logger: Logger, producers: Set<ServiceRole> = Set(ServiceRole.allCases)
    ) {
        self.pool = pool
        self.wakeUp = wakeUp
        self.logger = logger
        self.producers = producers
    }

    /// Makes the rows of all lanes and takes the first ones.
    package func subscribe(consumer: String, topics: [Topic]) async throws -> any MessageSubscription {
        let sources = topics.flatMap { topic in
            TopicRouting.producers(of: topic).filter { producers.contains($0) }
                .map { OutboxSource(producer: $0.schema, topic: topic) }
        }
        let subscription = PostgresSubscription(
            consumer: consumer, sources: sources, pool: pool, wakeUp: wakeUp, logger: logger)
        do {
            try await subscription.join()
        } catch {
            await subscription.close()
            throw error
        }
        return subscription
    }
}

/// One producer's part of a topic.
struct OutboxSource: Hashable {
    let producer: String
    let topic: Topic

    /// As the wake-up channel calls it.
    var name: String { WakeUp.source(producer: producer, topic: topic) }

    func lane(_ number: Int) -> LaneID { LaneID(topic: topic, number: number, producer: producer) }
}
