// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Messaging
import Postgres
import TestSupport
import Testing

/// Records which messages were prepared and hands each row what was prepared for it.
private struct RecordingPreparation: PreparingHandler {
    let prepared = Locked<[String: Int]>([:])
    var fail: @Sendable ([InboundMessage]) throws -> Void = { _ in }
    var hold: @Sendable ([InboundMessage]) -> Set<String> = { _ in [] }

    func prepare(_ messages: [InboundMessage]) async throws -> [Int64] {
        prepared.change { for message in messages { $0[message.id, default: 0] += 1 } }
        try fail(messages)
        return messages.map(\.seq)
    }

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        hold(messages)
    }

    func handle(
        _ messages: [InboundMessage], _ prepared: [Int64], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        guard prepared == messages.map(\.seq) else { throw Mishap() }
        _ = try await transaction.execute(RecordingHandler.insertion(messages, member: "test"))
        return []
    }
}

@Suite struct PreparingHandlerTests {
    private func log(_ fixture: MessagingFixture) -> PostgresMessageLog {
        PostgresMessageLog(pool: fixture.consumerPool, wakeUp: fixture.wakeUp, logger: fixture.logs.logger)
    }

    @Test func `every message is prepared and applied once, also when one of its batch is held back`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(20)
        let isHolding = Locked(true)
        var handler = RecordingPreparation()
        handler.hold = { messages in
            isHolding.value ? Set(messages.filter { $0.key == keys[0] }.map(\.id)) : []
        }
        try await fixture.write(5, to: keys)
        try await withServices([fixture.consumer(log(fixture), preparing: handler)]) {
            try await eventually { try await fixture.effectCount() == 95 }
            isHolding.change { $0 = false }
            try await eventually { try await fixture.effectCount() == 100 }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 5, of: keys).isClean)
        #expect(handler.prepared.value.count == 100)
        await fixture.close()
    }

    @Test func `a batch whose preparation fails is repeated one by one`() async throws {
        let fixture = try await MessagingFixture.make()
        let keys = MessagingFixture.keys(4)
        var handler = RecordingPreparation()
        handler.fail = { messages in
            if messages.contains(where: { $0.key == keys[0] }) { throw PermanentFailure(code: "bad", detail: "") }
        }
        try await fixture.write(2, to: keys)
        try await withServices([fixture.consumer(log(fixture), preparing: handler)]) {
            try await eventually {
                let letters = try await fixture.consumerPool.execute(
                    PostgresStatement("select count(*) from dead_letters"))
                return try await fixture.effectCount() == 6 && letters.rows.first?.int(0) == 1
            }
        }
        #expect(Ledger(try await fixture.effects(), expecting: 2, of: Array(keys[1...])).isClean)
        await fixture.close()
    }
}
