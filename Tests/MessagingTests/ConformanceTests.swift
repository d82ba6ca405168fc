// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

/// What every driver has to keep, with members in this process.
@Suite(.serialized)
struct ConformanceTests {
    @Test(arguments: ConformanceDrivers.all)
    func `every message is handled once and in the order of its stream`(driver: any ConformanceDriver) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(50)
            let consumer = fixture.consumer(running.log(pool: fixture.consumerPool), RecordingHandler())
            try await withServices([consumer]) {
                try await fixture.write(20, to: keys)
                try await eventually { try await fixture.effectCount() >= 1000 }
            }
            #expect(Ledger(try await fixture.effects(), expecting: 20, of: keys).isClean)
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `a transaction that commits late is not skipped`(driver: any ConformanceDriver) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(30)
            let late = UUID()
            let consumer = fixture.consumer(running.log(pool: fixture.consumerPool), RecordingHandler())
            try await withServices([consumer]) {
                try await fixture.producerPool.withTransaction { transaction in
                    _ = try await fixture.outbox.write(
                        [Act(messages: [fixture.message(late)])], in: transaction)
                    for key in keys { try await fixture.write([key]) }
                    // The late one has the lowest transaction id and is not visible yet.
                    try await Task.sleep(for: .milliseconds(300))
                    #expect(try await fixture.effects().allSatisfy { $0.key != late })
                }
                try await eventually { try await fixture.effectCount() >= 31 }
            }
            #expect(Ledger(try await fixture.effects(), expecting: 1, of: keys + [late]).isClean)
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `a poison message is dead-lettered, its stream is parked and others go on`(
        driver: any ConformanceDriver
    ) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(20)
            let poisoned = keys[7]
            let isHealed = Locked(false)
            let handler = RecordingHandler(fail: { message in
                if message.key == poisoned && message.seq == 3 && !isHealed.value {
                    throw PermanentFailure(code: "poison", detail: "seq 3")
                }
            })
            let store = DeadLetterStore(pool: fixture.consumerPool, clock: fixture.clock.clock)
            let consumer = fixture.consumer(running.log(pool: fixture.consumerPool), handler)
            try await withServices([consumer]) {
                try await fixture.write(6, to: keys)
                try await eventually { try await fixture.effectCount() == 116 }
                let letters = try await store.list()
                #expect(letters.map(\.message.seq) == [3])
                #expect(letters.first?.reasonCode == "poison")
                let id = try #require(letters.first?.id)

                #expect(try await store.redrive(id: id) == 3)
                try await eventually { try await store.list().first { $0.redrivenAt == nil } != nil }
                #expect(try await fixture.effectCount() == 116)

                isHealed.change { $0 = true }
                #expect(try await store.redrive(id: id) == 3)
                try await eventually { try await fixture.effectCount() == 120 }
                try await fixture.write([poisoned])
                try await eventually { try await fixture.effectCount() == 121 }
                #expect(try await store.list().isEmpty)
            }
            let others = keys.filter { $0 != poisoned }
            #expect(Ledger(try await fixture.effects(), expecting: 6, of: others).isClean)
            #expect(Ledger(try await fixture.effects(), expecting: 7, of: [poisoned]).isClean)
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `replay from an older cursor changes nothing`(driver: any ConformanceDriver) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(40)
            let log = running.log(pool: fixture.consumerPool)
            try await withServices([fixture.consumer(log, RecordingHandler())]) {
                try await fixture.write(5, to: keys)
                try await eventually { try await fixture.effectCount() == 200 }
            }
            try await running.rewind()
            let later = UUID()
            try await withServices([fixture.consumer(running.log(pool: fixture.consumerPool), RecordingHandler())]) {
                try await fixture.write([later])
                try await eventually { try await fixture.effectCount() > 200 }
                let duplicates = fixture.metrics.counter(
                    "paraph_messages_total", "", labels: ["topic", "outcome"])
                try await eventually {
                    duplicates.value(MessagingFixture.topic.name, "duplicate") >= 200
                }
            }
            #expect(try await fixture.effectCount() == 201)
            #expect(Ledger(try await fixture.effects(), expecting: 5, of: keys).isClean)
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `effects are performed between two transactions and recorded once`(
        driver: any ConformanceDriver
    ) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(30)
            let effects = RecordingEffects(perform: { _ in try await Task.sleep(for: .milliseconds(1)) })
            let consumer = fixture.consumer(
                running.log(pool: fixture.consumerPool), effects: effects,
                settings: ConsumerSettings(batchSize: 8, concurrency: 4))
            try await withServices([consumer]) {
                try await fixture.write(5, to: keys)
                try await eventually { try await fixture.effectCount() >= 150 }
            }
            #expect(Ledger(try await fixture.effects(), expecting: 5, of: keys).isClean)
            #expect(effects.performed.value.count == 150)
            #expect(effects.performed.value.values.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `what follows from a message is written with its cause and in its transaction`(
        driver: any ConformanceDriver
    ) async throws {
        try await withDriver(driver) { fixture, running in
            let key = UUID()
            let handler = RecordingHandler(acts: { messages in
                messages.map { message in
                    Act(
                        audit: [fixture.message(message.key, topic: .auditEvents)],
                        messages: [fixture.message(message.key, topic: .envelopeEvents)], cause: message)
                }
            })
            try await withServices([fixture.consumer(running.log(pool: fixture.consumerPool), handler)]) {
                try await fixture.write([key])
                try await eventually { try await fixture.effectCount() == 1 }
            }
            let rows = try await fixture.consumerPool.execute(
                PostgresStatement("select topic, causation_id, audit_after from outbox order by id")
            ).rows
            let cause = "intake/envelope.commands.v1/\(key.uuidString.lowercased())/1"
            let audit = "orchestration/audit.events.v1/\(key.uuidString.lowercased())/1"
            #expect(try rows.map { try $0.string(0) } == ["audit.events.v1", "envelope.events.v1"])
            #expect(try rows.allSatisfy { try $0.string(1) == cause })
            #expect(try rows.map { try $0.stringOrNil(2) } == [nil, audit])
        }
    }
}
