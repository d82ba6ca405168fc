// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Postgres
import Synchronization

/// What the batches of one consumer share while it is subscribed.
final class ConsumerContext: Sendable {
    let consumer: String
    let pool: PostgresPool
    let outbox: OutboxWriter
    let subscription: any MessageSubscription
    let origin: String
    let clock: BusinessClock
    let consumption: Mutex<Consumption>

    init(
        consumer: String, pool: PostgresPool, outbox: OutboxWriter, subscription: any MessageSubscription,
        origin: String, clock: BusinessClock, settings: ConsumerSettings
    ) {
        self.consumer = consumer
        self.pool = pool
        self.outbox = outbox
        self.subscription = subscription
        self.origin = origin
        self.clock = clock
        consumption = Mutex(Consumption(settings: settings))
    }

    /// Locks the positions of a batch's streams and compares: the first statement of its transaction.
    func plan(_ batch: PendingBatch, in transaction: PostgresTransaction) async throws -> BatchPlan {
        let streams = batch.runs.map(\.stream)
        let result = try await transaction.execute(StreamPositions.lock(streams, consumer: consumer))
        return BatchPlan(batch, positions: try StreamPositions.positions(result, of: streams))
    }

    /// Everything that ends a batch's transaction, in one round trip: outbox, positions, fence, commit.
    func settle(
        _ plan: BatchPlan, of batch: PendingBatch, acts: [Act], in transaction: PostgresTransaction
    ) async throws -> BatchReport {
        var statements = outbox.statements(acts, in: transaction)
        if !plan.park.isEmpty {
            statements.append(ParkedMessages.insertion(plan.park.map(\.message), consumer: consumer))
        }
        let done = (plan.apply + plan.duplicates).filter(\.isParked).map(\.message)
        if !done.isEmpty { statements += ParkedMessages.removals(done, consumer: consumer) }
        if !plan.apply.isEmpty { statements.append(StreamPositions.advance(plan.moves, consumer: consumer)) }
        return try await commit(statements, plan, of: batch, in: transaction)
    }

    /// Fences and commits; cursors follow later, behind what was committed.
    func commit(
        _ statements: [PostgresStatement], _ plan: BatchPlan, of batch: PendingBatch,
        applied word: BatchReport.Word = .handled, in transaction: PostgresTransaction
    ) async throws -> BatchReport {
        if !statements.isEmpty {
            _ = try await transaction.pipelineAndCommit(statements + subscription.fences(batch.lanes))
        }
        return plan.report(applied: word)
    }
}
