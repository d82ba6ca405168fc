// SPDX-License-Identifier: Apache-2.0
package import Postgres

/// Applies messages inside the consumer's transaction; it must not reach outside the database.
package protocol MessageHandler: Sendable {
    /// Applies a batch, sorted by key and, within a stream, by `seq`; each message is applied once.
    ///
    /// - Throws: `PermanentFailure` to have the message dead-lettered at once, `TransientFailure` to have it wait, any
    ///   other error for a limited number of retries. A batch that throws is repeated one by one.
    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act]

    /// The `id`s to hold back for now, with all that follow them in their streams; looked at again after 20 ms or when
    /// anything new arrives.
    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String>
}

extension MessageHandler {
    /// Holds nothing back.
    package func unready(
        _ messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> Set<String> { [] }
}

/// Does work outside the database between two transactions, so that a crash at any instant repeats it from its intent.
package protocol EffectHandler: Sendable {
    /// What `perform` needs, made from intent rows.
    associatedtype Work: Sendable
    /// What `record` stores.
    associatedtype Outcome: Sendable

    /// As `MessageHandler.unready`, asked in transaction 1 before `intend`.
    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String>

    /// Transaction 1: writes intent rows with a unique key; called again for the same messages after a crash.
    ///
    /// - Throws: As `MessageHandler.handle`.
    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Work]

    /// Does the work outside any transaction; not called when there is none.
    ///
    /// - Throws: As `MessageHandler.handle`.
    func perform(_ work: [Work]) async throws -> [Outcome]

    /// Transaction 2: stores the outcomes; the stream positions move in the same transaction.
    ///
    /// - Throws: As `MessageHandler.handle`.
    func record(
        _ outcomes: [Outcome], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act]
}

extension EffectHandler {
    /// Holds nothing back.
    package func unready(
        _ messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> Set<String> { [] }
}
