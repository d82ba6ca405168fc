// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counts the delivery reports that each call of `send` still waits for.
final class DeliveryBook: Sendable {
    private typealias Waiter = CheckedContinuation<KafkaError?, Never>

    private struct Batch {
        var unsettled: Int
        var failure: KafkaErrorCode?
        var waiter: Waiter?

        var error: KafkaError? { failure.map { .failed($0, operation: "deliver records") } }
    }

    private struct State {
        var lastTicket: UInt = 0
        var batches: [UInt: Batch] = [:]

        /// The waiter to resume, when this settles the last record of a ticket that somebody waits for.
        mutating func settle(_ ticket: UInt, count: Int, failure: KafkaErrorCode?) -> (waiter: Waiter, KafkaError?)? {
            guard var batch = batches[ticket] else { return nil }
            batch.unsettled -= count
            batch.failure = batch.failure ?? failure
            guard batch.unsettled == 0, let waiter = batch.waiter else {
                batches[ticket] = batch
                return nil
            }
            batches[ticket] = nil
            return (waiter, batch.error)
        }
    }

    private let state = Mutex(State())

    /// A ticket for `count` records; never zero.
    func open(count: Int) -> UInt {
        state.withLock { state in
            state.lastTicket += 1
            state.batches[state.lastTicket] = Batch(unsettled: count)
            return state.lastTicket
        }
    }

    /// Takes in reports, in the order in which they came.
    func settle(_ reports: some Sequence<(ticket: UInt, failure: KafkaErrorCode?)>) {
        let finished = state.withLock { state in
            var finished: [(Waiter, KafkaError?)] = []
            for report in reports {
                if let end = state.settle(report.ticket, count: 1, failure: report.failure) { finished.append(end) }
            }
            return finished
        }
        for (waiter, failure) in finished { waiter.resume(returning: failure) }
    }

    /// Takes back records for which no report will come.
    func retract(_ ticket: UInt, count: Int, failure: KafkaErrorCode) {
        let finished = state.withLock { $0.settle(ticket, count: count, failure: failure) }
        finished?.0.resume(returning: finished?.1)
    }

    /// Waits until every record of the ticket is settled; answers with the first failure.
    func outcome(of ticket: UInt) async -> KafkaError? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let settled: KafkaError?? = state.withLock { state in
                    guard let batch = state.batches[ticket] else { return .some(.cancelled) }
                    if batch.unsettled == 0 || Task.isCancelled {
                        state.batches[ticket] = nil
                        return .some(batch.unsettled == 0 ? batch.error : .cancelled)
                    }
                    state.batches[ticket]?.waiter = waiter
                    return nil
                }
                if let settled { waiter.resume(returning: settled) }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                guard let waiter = state.batches[ticket]?.waiter else { return nil }
                state.batches[ticket] = nil
                return waiter
            }
            waiter?.resume(returning: .cancelled)
        }
    }
}
