// SPDX-License-Identifier: Apache-2.0
import Postgres
import Tracing

/// Takes one batch from memory to commit.
protocol BatchProcessor: Sendable {
    func process(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> BatchReport
}

/// One transaction: positions, handler, outbox, positions.
struct TransactionProcessor: BatchProcessor {
    let handler: any MessageHandler

    func process(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> BatchReport {
        try await context.pool.withTransaction { transaction in
            var plan = try await context.plan(batch, in: transaction)
            if !plan.apply.isEmpty { plan.hold(try await handler.unready(plan.messages, in: transaction)) }
            let acts = plan.apply.isEmpty ? [] : try await handler.handle(plan.messages, in: transaction)
            return try await context.settle(plan, of: batch, acts: acts, in: transaction)
        }
    }
}

/// Two transactions with the effect between them.
struct EffectProcessor<Effects: EffectHandler>: BatchProcessor {
    private enum Intention: Sendable {
        case nothing(BatchReport)
        case work([Effects.Work], of: [InboundMessage], held: Set<String>)
    }

    let effects: Effects

    func process(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> BatchReport {
        let intention = try await intend(batch, context)
        guard case .work(let work, let messages, let held) = intention else {
            if case .nothing(let report) = intention { return report }
            return BatchReport()
        }
        let outcomes = work.isEmpty ? [] : try await effects.perform(work)
        return try await context.pool.withTransaction { transaction in
            var plan = try await context.plan(batch, in: transaction)
            plan.hold(held)
            guard plan.messages == messages else { throw StreamMoved() }
            let acts = try await effects.record(outcomes, of: messages, in: transaction)
            return try await context.settle(plan, of: batch, acts: acts, in: transaction)
        }
    }

    private func intend(_ batch: PendingBatch, _ context: ConsumerContext) async throws -> Intention {
        try await context.pool.withTransaction { transaction in
            var plan = try await context.plan(batch, in: transaction)
            let held = plan.apply.isEmpty ? [] : try await effects.unready(plan.messages, in: transaction)
            plan.hold(held)
            guard !plan.apply.isEmpty else {
                return .nothing(try await context.settle(plan, of: batch, acts: [], in: transaction))
            }
            let work = try await effects.intend(plan.messages, in: transaction)
            let fences = try context.subscription.fences(batch.lanes)
            if !fences.isEmpty { _ = try await transaction.pipelineAndCommit(fences) }
            return .work(work, of: plan.messages, held: held)
        }
    }
}

/// Another member handled a stream while an effect was performed; its work is not stored a second time.
struct StreamMoved: Error {}

extension BatchOutcome {
    /// What an error of a transaction means for its batch.
    init(_ error: any Error) {
        switch error {
        case is LaneLost, is StreamMoved: self = .superseded
        case is CancellationError: self = .databaseAway(error)
        case let error as PostgresError:
            switch error.sqlState?.code {
            case "PM001", "PM002", "40001", "40P01": self = .superseded
            // A statement that ran too long may be this message's own fault.
            case "57014": self = .failed(error)
            default:
                let isAway = error.isRetriable || error.code == .poolClosed
                self = isAway ? .databaseAway(error) : .failed(error)
            }
        default: self = .failed(error)
        }
    }
}
