// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import FoundationEssentials
import Postgres

/// Moves a message that cannot be handled to the dead letters.
struct Burial: BatchProcessor {
    let error: any Error

    func process(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> BatchReport {
        guard let run = batch.runs.first, let pending = run.messages.first else { return BatchReport() }
        let (code, detail) = reason
        let place = "\(pending.lane.topic.name)/\(pending.lane.number)@\(pending.position)"
        let letter = DeadLetter(
            consumer: context.consumer, message: pending.message, reasonCode: code, reasonDetail: detail,
            attempts: max(1, run.attempts),
            origin: "\(context.origin)/\(place)", diedAt: context.clock.now())
        try await context.subscription.announce([letter])
        return try await context.pool.withTransaction { transaction in
            let plan = try await context.plan(batch, in: transaction)
            guard !plan.apply.isEmpty else {
                return try await context.settle(plan, of: batch, acts: [], in: transaction)
            }
            let stays = plan.moves.map { (stream: $0.stream, expected: $0.expected, next: $0.expected) }
            let statements =
                DeadLetterStore.burial(letter)
                + [StreamPositions.advance(stays, isParked: true, consumer: context.consumer)]
            return try await context.commit(statements, plan, of: batch, applied: .deadLettered, in: transaction)
        }
    }

    /// Only Paraph's own errors are quoted: others may repeat data.
    private var reason: (code: String, detail: String) {
        switch error {
        case let failure as PermanentFailure: (failure.code, failure.detail)
        case let error as PostgresError: ("retries_exhausted", error.description)
        default: ("retries_exhausted", String(reflecting: Swift.type(of: error)))
        }
    }

    /// Stores records that are no messages; they belong to no stream.
    static func store(_ records: [MalformedDelivery], _ context: ConsumerContext) async throws {
        for record in records {
            let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            let stream = MessageStream(producer: "", topic: record.lane.topic, key: nobody)
            let message = InboundMessage(
                stream: stream, seq: record.position.minor, type: "malformed", tenantID: nobody,
                time: context.clock.now(), payload: record.payload)
            let letter = DeadLetter(
                consumer: context.consumer, message: message, reasonCode: "malformed", reasonDetail: record.detail,
                attempts: 1, origin: "\(context.origin)/\(record.lane.topic.name)/\(record.lane.number)",
                diedAt: context.clock.now())
            try await context.subscription.announce([letter])
            _ = try await context.pool.batch(DeadLetterStore.burial(letter))
        }
    }
}
