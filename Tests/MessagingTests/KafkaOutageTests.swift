// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Kafka
import Logging
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

/// What a broker may do to the platform without anything being lost, doubled or reordered.
@Suite(.serialized, .enabled(if: KafkaBroker.isAvailable, "\(KafkaBroker.absence)"))
struct KafkaOutageTests {
    @Test func `a broker that is away for half a minute delays messages and does no more`() async throws {
        try await withKafka { fixture, running in
            let keys = MessagingFixture.keys(40)
            let isBack = Locked(false)
            var rounds = 0
            try await withServices([running.relay]) {
                try await withServices([fixture.consumer(running.log, RecordingHandler())]) {
                    try await fixture.write(3, to: keys)
                    try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() == 120 }
                    await running.broker.stop()
                    async let outage: Void = {
                        try await Task.sleep(for: .seconds(30))
                        try await running.broker.start()
                        isBack.change { $0 = true }
                    }()
                    while !isBack.value {
                        try await fixture.write(keys)
                        rounds += 1
                        try await Task.sleep(for: .milliseconds(500))
                    }
                    try await outage
                    try await eventually(timeoutSeconds: 60) { try await fixture.effectCount() >= (3 + rounds) * 40 }
                }
            }
            let ledger = Ledger(try await fixture.effects(), expecting: 3 + rounds, of: keys)
            #expect(ledger.isClean, "\(ledger)")
        }
    }

    @Test func `a broker that lost everything is filled again by moving the relay's cursor back`() async throws {
        try await withKafka { fixture, running in
            let keys = MessagingFixture.keys(40)
            do {
                try await withServices([fixture.consumer(running.log, RecordingHandler())]) {
                    try await withServices([running.relay]) {
                        try await fixture.write(5, to: keys)
                        try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() >= 100 }
                    }
                    // Whatever the consumers have not read by now is gone with the broker's data.
                    await running.broker.stop()
                    try await running.broker.empty()
                    try await fixture.write(5, to: keys)
                    try await LaneCursors.rewind(consumer: ServiceRole.intake.relay, pool: fixture.producerPool)
                    try await running.broker.start()
                    try await withServices([running.relay]) {
                        try await eventually(timeoutSeconds: 90) { try await fixture.effectCount() >= 400 }
                    }
                }
            }
            let ledger = Ledger(try await fixture.effects(), expecting: 10, of: keys)
            #expect(ledger.isClean, "\(ledger)")
        }
    }

    @Test func `a relay without a broker ends at shutdown and keeps what it has not carried`() async throws {
        try await withKafka { fixture, running in
            await running.broker.stop()
            let keys = MessagingFixture.keys(10)
            let failures = fixture.metrics.counter("paraph_relay_errors_total", "", labels: ["code"])
            try await withServices([running.relay]) {
                try await fixture.write(keys)
                try await eventually(timeoutSeconds: 60) {
                    failures.value("_TIMED_OUT") + failures.value("_TRANSPORT") > 0
                }
            }
            try await running.broker.start()
            try await withServices([running.relay]) {
                try await withServices([fixture.consumer(running.log, RecordingHandler())]) {
                    try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() == 10 }
                }
            }
        }
    }

    @Test func `two relays share the lanes, and one that ends leaves them to the other`() async throws {
        try await withKafka { fixture, running in
            let keys = MessagingFixture.keys(40)
            try await withServices([running.relay]) {
                try await withServices([fixture.consumer(running.log, RecordingHandler())]) {
                    try await withServices([running.relay]) {
                        for round in 1...10 {
                            try await fixture.write(keys)
                            try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() >= round * 20 }
                        }
                    }
                    try await fixture.write(5, to: keys)
                    try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() >= 600 }
                }
            }
            #expect(Ledger(try await fixture.effects(), expecting: 15, of: keys).isClean)
        }
    }

    @Test func `dead letters stand in their topic with reason and origin, and malformed records in the table`()
        async throws
    {
        try await withKafka { fixture, running in
            let topic = MessagingFixture.topic
            let poisoned = UUID()
            let handler = RecordingHandler(fail: { message in
                if message.key == poisoned { throw PermanentFailure(code: "poison", detail: "seq \(message.seq)") }
            })
            let store = DeadLetterStore(pool: fixture.consumerPool, clock: fixture.clock.clock)
            try await withServices([running.relay]) {
                try await withServices([fixture.consumer(running.log, handler)]) {
                    try await fixture.write([poisoned])
                    try await eventually(timeoutSeconds: 30) { try await store.list().count == 1 }
                    try await KafkaProducer(running.log.configuration, logger: .disabled).send([
                        KafkaRecord(topic: topic.name, partition: 3, key: [1], value: Array("no headers".utf8))
                    ])
                    try await eventually(timeoutSeconds: 30) { try await store.list().count == 2 }
                    let good = UUID()
                    try await fixture.write([good])
                    try await eventually(timeoutSeconds: 30) { try await fixture.effects().map(\.key) == [good] }
                }
            }
            #expect(Set(try await store.list().map(\.reasonCode)) == ["poison", "malformed"])
            let reader = try KafkaConsumer(
                running.log.configuration, group: "operator",
                topics: ["\(topic.name).\(MessagingFixture.consumer).dlt"],
                logger: .disabled)
            var letters: [KafkaRecord] = []
            try await eventually {
                letters += try await reader.poll(maximum: 10, timeoutMilliseconds: 100).records
                return letters.contains { $0.text("dead-letter-reason") == "poison" }
            }
            let letter = try #require(letters.first { $0.text("dead-letter-reason") == "poison" })
            #expect(letter.text("ce_id")?.hasPrefix("intake/\(topic.name)/") == true)
            #expect(letter.text("dead-letter-origin")?.contains(topic.name) == true)
            await reader.close()
        }
    }
}

extension KafkaRecord {
    func text(_ header: String) -> String? {
        headers.first { $0.name == header }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}
