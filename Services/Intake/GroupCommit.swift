// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceKit
import Synchronization

/// Commits what many tasks want at the same time in few transactions.
///
/// Whoever comes while nothing is being committed commits at once, and whoever comes meanwhile waits to be in the next
/// group; so groups grow with the load and there is no timer. When a group fails, its members try again one by one, so
/// that nobody fails for another's sake. Each gets its own outcome.
final class GroupCommit<Entry: Sendable, Outcome: Sendable>: Sendable {
    private enum Turn {
        case lead
        case committed(Outcome)
        case failed(any Error)
        case alone
    }

    private struct Waiter {
        let entry: Entry
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var isCommitting = false
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    private let maximumGroup: Int
    private let commit: @Sendable ([Entry]) async throws -> [Outcome]

    /// - Parameter commit: One transaction for all entries; answers an outcome for each, in their order.
    init(maximumGroup: Int = 64, commit: @escaping @Sendable ([Entry]) async throws -> [Outcome]) {
        self.maximumGroup = maximumGroup
        self.commit = commit
    }

    /// How many wait for the next group.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Returns when the entry is durable; throws what its own transaction threw.
    func submit(_ entry: Entry) async throws -> Outcome {
        try Task.checkCancellation()
        let turn = await withCheckedContinuation { continuation in
            let leads = state.withLock { state in
                if state.isCommitting {
                    state.waiting.append(Waiter(entry: entry, continuation: continuation))
                    return false
                }
                state.isCommitting = true
                return true
            }
            if leads { continuation.resume(returning: .lead) }
        }
        switch turn {
        case .lead: return try await lead(entry)
        case .committed(let outcome): return outcome
        case .failed(let error): throw error
        case .alone: return try await commitAlone(entry)
        }
    }

    private func lead(_ entry: Entry) async throws -> Outcome {
        let others = state.withLock { state in
            let taken = Array(state.waiting.prefix(maximumGroup - 1))
            state.waiting.removeFirst(taken.count)
            return taken
        }
        guard !others.isEmpty else {
            defer { handOver() }
            return try await commitAlone(entry)
        }
        let result: Result<[Outcome], any Error>
        do {
            let entries = [entry] + others.map(\.entry)
            // The leader's client may go away; the others' are still there.
            result = .success(try await Shielded.run { [commit] in try await commit(entries) })
        } catch {
            result = .failure(error)
        }
        handOver()
        switch result {
        case .success(let outcomes):
            for (waiter, outcome) in zip(others, outcomes.dropFirst()) {
                waiter.continuation.resume(returning: .committed(outcome))
            }
            return outcomes[0]
        case .failure(let error):
            // What may be committed must not be done again; else the fault is one member's, or passes.
            let isUncertain = (error as? PostgresError)?.mayHaveCommitted == true
            for waiter in others { waiter.continuation.resume(returning: isUncertain ? .failed(error) : .alone) }
            if isUncertain { throw error }
            return try await commitAlone(entry)
        }
    }

    private func commitAlone(_ entry: Entry) async throws -> Outcome {
        try await commit([entry])[0]
    }

    /// Gives the lead to the first who waits.
    private func handOver() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isCommitting = false
                return nil as Waiter?
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume(returning: .lead)
    }
}
