// SPDX-License-Identifier: Apache-2.0
import Contracts
import Foundation
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

struct HeldStreamTests {
    @Test func `a stream whose next message is missing shows in the metrics until that message comes`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(3)
        // Somebody took the first number of one stream and has not committed its message.
        let held = keys[1]
        let number = PostgresStatement(
            "insert into outbox_stream (topic, key, last_seq) values ($1, $2, 1)",
            [.text(MessagingFixture.topic.name), .uuid(held)])
        _ = try await fixture.producerPool.execute(number)
        let log = PostgresMessageLog(
            pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
        try await withServices([fixture.consumer(log, RecordingHandler())]) {
            try await fixture.write(keys)
            try await eventually { try await fixture.effectCount() == 2 }
            #expect(!fixture.metrics.prometheusText().contains("paraph_held_streams{"))
            let series = "paraph_held_streams{topic=\"\(MessagingFixture.topic.name)\"}"
            try await eventually(timeoutSeconds: 40) { fixture.metrics.prometheusText().contains("\(series) 1") }
            _ = try await fixture.producerPool.execute(
                PostgresStatement(
                    "update outbox_stream set last_seq = 0 where topic = $1 and key = $2",
                    [.text(MessagingFixture.topic.name), .uuid(held)]))
            try await fixture.write([held])
            try await eventually { try await fixture.effectCount() == 4 }
            try await eventually { fixture.metrics.prometheusText().contains("\(series) 0") }
        }
        await fixture.close()
    }
}
