// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Messaging
import Metrics
import ServiceKit

/// As many documents at once as there are cores, the jobs of one document one after the other.
struct SigningPool: Sendable {
    private let maker: RevisionMaker
    private let executors: [BlockingExecutor]
    private let depth: Gauge

    init(maker: RevisionMaker, threads: Int, depth: Gauge) {
        self.maker = maker
        self.depth = depth
        executors = (0..<max(1, threads)).map { BlockingExecutor(label: "signing-\($0)") }
    }

    /// Does each job that has no known outcome.
    ///
    /// - Throws: `TransientFailure` when a store or key store is away; a document that cannot be signed is an outcome.
    func perform(_ work: [SigningWork]) async throws -> [SigningResult] {
        depth.add(Double(work.count))
        defer { depth.add(-Double(work.count)) }
        let documents = Dictionary(grouping: work.indices) { work[$0].job.key.documentID }.values
        var shares: [[Int]] = executors.map { _ in [] }
        for (place, indices) in documents.enumerated() { shares[place % shares.count] += indices }
        return try await withThrowingTaskGroup(of: [(Int, SigningResult)].self) { group in
            for (executor, indices) in zip(executors, shares) where !indices.isEmpty {
                group.addTask(executorPreference: executor) {
                    var results: [(Int, SigningResult)] = []
                    // The same job twice in a batch is done once.
                    var done: [SigningJob.Key: SigningOutcome] = [:]
                    for index in indices {
                        let result = try await perform(
                            work[index], known: work[index].known ?? done[work[index].job.key])
                        done[result.job.key] = result.outcome
                        results.append((index, result))
                    }
                    return results
                }
            }
            var all: [(Int, SigningResult)] = []
            for try await results in group { all += results }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func perform(_ work: SigningWork, known: SigningOutcome?) async throws -> SigningResult {
        if let known {
            return SigningResult(
                message: work.message, job: work.job, outcome: known, keyUse: nil, repairs: [],
                isRepeat: true)
        }
        let made = try await maker.make(work.job)
        return SigningResult(
            message: work.message, job: work.job, outcome: made.outcome, keyUse: made.keyUse, repairs: made.repairs,
            isRepeat: false)
    }
}
