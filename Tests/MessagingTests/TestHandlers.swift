// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Messaging
import Postgres
import TestSupport

/// Leaves a row for each message and fails as the payload says or the test wishes.
struct RecordingHandler: MessageHandler {
    var member = "test"
    var acts: @Sendable ([InboundMessage]) -> [Act] = { _ in [] }
    var fail: @Sendable (InboundMessage) throws -> Void = { _ in }
    var hold: @Sendable ([InboundMessage]) -> Set<String> = { _ in [] }

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        _ = try await transaction.execute(Self.insertion(messages, member: member))
        for message in messages { try fail(message) }
        return acts(messages)
    }

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        hold(messages)
    }

    static func insertion(_ messages: [InboundMessage], member: String) -> PostgresStatement {
        PostgresStatement(
            """
            insert into effects (member, producer, key, seq, payload)
            select $1, t.* from unnest($2::text[], $3::uuid[], $4::int8[], $5::bytea[]) as t
            """,
            [
                .text(member), .textArray(messages.map(\.producer)), .uuidArray(messages.map(\.key)),
                .int8Array(messages.map(\.seq)), .byteaArray(messages.map(\.payload)),
            ])
    }
}

/// Counts how often each message was performed, and records outcomes.
struct RecordingEffects: EffectHandler {
    var member = "test"
    let performed = Locked<[String: Int]>([:])
    var perform: @Sendable ([InboundMessage]) async throws -> Void = { _ in }

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [InboundMessage] {
        messages
    }

    func perform(_ work: [InboundMessage]) async throws -> [String] {
        performed.change { for message in work { $0[message.id, default: 0] += 1 } }
        try await perform(work)
        return work.map(\.id)
    }

    func record(
        _ outcomes: [String], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        _ = try await transaction.execute(RecordingHandler.insertion(messages, member: member))
        return []
    }
}

/// An error of no special kind.
struct Mishap: Error {}
