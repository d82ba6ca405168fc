// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Messaging
import Metrics
import ServiceKit

/// As many documents at once as there are cores, the jobs of one document one after the other; where authorities are
/// asked, documents wait for them side by side.
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
        var shares: [(executor: BlockingExecutor, indices: [Int])] = executors.map { ($0, []) }
        for (place, indices) in documents.enumerated() {
            if indices.contains(where: { work[$0].job.asksAuthorities }) {
                shares.append((executors[place % executors.count], indices))
            } else {
                shares[place % executors.count].indices += indices
            }
        }
        return try await withThrowingTaskGroup(of: [(Int, SigningResult)].self) { group in
            for (executor, indices) in shares where !indices.isEmpty {
                group.addTask(executorPreference: executor) {
                    var results: [(Int, SigningResult)] = []
                    // The same job twice in a batch is done once.
                    var done: [SigningJob.Key: SigningOutcome] = [:]
                    for index in indices {
                        let result = try await perform(
                            work[index], known: work[index].known ?? done[work[index].job.key])
                        if !result.isDeferred { done[result.job.key] = result.outcome }
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
                message: work.message, job: work.job, made: MadeRevision(known), isRepeat: true)
        }
        return SigningResult(
            message: work.message, job: work.job, made: try await maker.make(work.job), isRepeat: false)
    }
}
