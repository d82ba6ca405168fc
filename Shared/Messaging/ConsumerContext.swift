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

    /// A stopped process must not keep its locks, and everybody's horizon, for longer than its leases last.
    private static let idleLimit = PostgresStatement(
        "select set_config('idle_in_transaction_session_timeout', '5000', true)")

    /// Locks the positions of a batch's streams and compares: the first statement of its transaction.
    func plan(_ batch: PendingBatch, in transaction: PostgresTransaction) async throws -> BatchPlan {
        let streams = batch.runs.map(\.stream)
        let results = try await transaction.pipeline([
            Self.idleLimit, StreamPositions.lock(streams, consumer: consumer),
        ])
        return BatchPlan(batch, positions: try StreamPositions.positions(results[1], of: streams))
    }

    /// Everything that ends a batch's transaction, in two round trips at most: outbox, positions, fence, cursors, commit.
    func settle(
        _ plan: BatchPlan, of batch: PendingBatch, acts: [Act], in transaction: PostgresTransaction
    ) async throws -> BatchReport {
        var statements: [PostgresStatement] = []
        if let insertion = try await outbox.stage(acts, in: transaction).insertion { statements.append(insertion) }
        if !plan.park.isEmpty {
            statements.append(ParkedMessages.insertion(plan.park.map(\.message), consumer: consumer))
        }
        let done = (plan.apply + plan.duplicates).filter(\.isParked).map(\.message)
        if !done.isEmpty { statements += ParkedMessages.removals(done, consumer: consumer) }
        if !plan.apply.isEmpty { statements.append(StreamPositions.advance(plan.moves, consumer: consumer)) }
        return try await commit(statements, plan, of: batch, in: transaction)
    }

    /// Fences, moves the cursors of what the plan settles, and commits.
    func commit(
        _ statements: [PostgresStatement], _ plan: BatchPlan, of batch: PendingBatch,
        applied word: BatchReport.Word = .handled, in transaction: PostgresTransaction
    ) async throws -> BatchReport {
        let isCarrying = subscription.carriesProgressInTransaction
        let progress = isCarrying ? consumption.withLock { $0.progress(with: plan.settled) } : []
        let isIdle = statements.isEmpty && progress.isEmpty
        let ending = isIdle ? [] : try subscription.commitStatements(fences: batch.lanes, progress: progress)
        if !(statements + ending).isEmpty { _ = try await transaction.pipelineAndCommit(statements + ending) }
        return plan.report(carried: progress, applied: word)
    }
}
