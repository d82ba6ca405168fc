// SPDX-License-Identifier: Apache-2.0
import Foundation
import Messaging
import Postgres
import TestSupport
import Testing

/// Prints how fast messages are written and consumed; run with `PARAPH_BENCH=1`.
@Suite(
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["PARAPH_BENCH"] != nil, "set PARAPH_BENCH=1 to measure"))
struct MessagingSpeedTests {
    @Test func `messages are written in batches and consumed with a trivial handler`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(2_000)
        let clock = ContinuousClock()
        let writing = try await clock.measure { try await fixture.write(10, to: keys) }
        print("written: \(Int(20_000 / writing.seconds)) messages/s in transactions of 500 from one session")

        let log = PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
        let consumer = fixture.consumer(log, RecordingHandler())
        let reading = try await clock.measure {
            try await withServices([consumer]) {
                try await eventually(timeoutSeconds: 60) { try await fixture.effectCount() == 20_000 }
            }
        }
        print("consumed: \(Int(20_000 / reading.seconds)) messages/s")
        #expect(Ledger(try await fixture.effects(), expecting: 10, of: keys).isClean)
        await fixture.close()
    }

    @Test func `a message reaches an idle consumer soon after its commit`() async throws {
        let fixture = try await MessagingFixture.make()
        let log = PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
        let (arrivals, arrival) = AsyncStream.makeStream(of: UUID.self)
        let handler = RecordingHandler(acts: { messages in
            for message in messages { arrival.yield(message.key) }
            return []
        })
        var latencies: [Double] = []
        try await withServices([fixture.listener, fixture.wakeUp, fixture.consumer(log, handler)]) {
            var arrived = arrivals.makeAsyncIterator()
            for key in MessagingFixture.keys(200) {
                try await fixture.write([key])
                let committed = ContinuousClock.now
                while await arrived.next() != key {}
                latencies.append((ContinuousClock.now - committed).seconds * 1000)
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        latencies.sort()
        print("commit to handler: p50 \(latencies[100]) ms, p99 \(latencies[198]) ms")
        await fixture.close()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
