// SPDX-License-Identifier: Apache-2.0
package import Postgres

/// Prepares a batch outside the database, then applies it inside the consumer's one transaction.
///
/// For what must not happen inside a transaction and leaves nothing that matters when none follows, such as making a key;
/// an effect that has to be repeated from an intent is an `EffectHandler`'s.
package protocol PreparingHandler: Sendable {
    /// What `prepare` makes of one message.
    associatedtype Prepared: Sendable

    /// Prepares each message, in the order given.
    ///
    /// Among them are ones that will be held back or were handled before, so what is wrong with one message belongs into
    /// its result and is thrown by `handle`.
    ///
    /// - Throws: As `MessageHandler.handle`.
    func prepare(_ messages: [InboundMessage]) async throws -> [Prepared]

    /// As `MessageHandler.unready`.
    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String>

    /// Applies the messages that are due now, as `MessageHandler.handle`; `prepared` has one element for each of them.
    ///
    /// - Throws: As `MessageHandler.handle`.
    func handle(
        _ messages: [InboundMessage], _ prepared: [Prepared], in transaction: PostgresTransaction
    ) async throws -> [Act]
}

/// Preparation, then one transaction.
struct PreparingProcessor<Handler: PreparingHandler>: BatchProcessor {
    let handler: Handler

    func process(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> BatchReport {
        let messages = batch.runs.flatMap { $0.messages.map(\.message) }
        let prepared = try await handler.prepare(messages)
        let places = Dictionary(zip(messages.lazy.map(\.id), prepared)) { first, _ in first }
        return try await TransactionProcessor(handler: PreparedBatch(handler: handler, prepared: places))
            .process(batch, context)
    }
}

/// A handler of one batch, which knows what was prepared for it.
private struct PreparedBatch<Handler: PreparingHandler>: MessageHandler {
    let handler: Handler
    let prepared: [String: Handler.Prepared]

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        try await handler.unready(messages, in: transaction)
    }

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        try await handler.handle(messages, messages.compactMap { prepared[$0.id] }, in: transaction)
    }
}
