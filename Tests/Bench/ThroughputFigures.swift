// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import Glibc
import Synchronization
import SystemDriver

/// A closed loop: as soon as one envelope is completed the next is sent, each with a document of its own.
struct ThroughputFigures {
    private struct Counts {
        var completed = 0
        var milliseconds: [Double] = []
    }

    /// What is taken at both ends of the measured time.
    private struct Look {
        let lag: MessageLag
        /// What PostgreSQL has counted so far, by name.
        let database: [String: Double]
        /// Processor seconds by process name.
        let seconds: [String: Double]
        let completed: Int
        let at: ContinuousClock.Instant
    }

    let bench: BenchContext

    func measure() async throws -> [Figure] {
        let warmUp = bench.options.isQuick ? 3.0 : 8.0
        let measured = bench.options.isQuick ? 8.0 : 40.0
        let counts = Counter()
        let isOver = Flag()
        let window = try await withThrowingTaskGroup(of: (Look, Look)?.self) { group in
            for lane in 0..<bench.options.concurrency {
                group.addTask {
                    var number = UInt64(lane) << 32
                    while !isOver.isSet {
                        number += 1
                        try await one(number, counts: counts)
                    }
                    return nil
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(warmUp))
                let first = try await look(counts)
                try await Task.sleep(for: .seconds(measured))
                let last = try await look(counts)
                isOver.set()
                return (first, last)
            }
            var window: (Look, Look)?
            for try await result in group { window = result ?? window }
            return window
        }
        guard let (first, last) = window else { throw SystemError("the closed loop ended before it was measured") }
        let envelopes = max(1, last.completed - first.completed)
        let seconds = (last.at - first.at).seconds
        let perEnvelope = last.seconds.merging(first.seconds) { $0 - $1 }
            .mapValues { Figure.rounded($0 * 1000 / Double(envelopes)) }
        let total = last.seconds.values.reduce(0, +) - first.seconds.values.reduce(0, +)
        let latency = FigureSummary(counts.milliseconds)
        return [
            Figure(
                name: "envelopes_per_second", value: Double(envelopes) / seconds, unit: "envelopes/s", limit: 150,
                goal: .atLeast,
                detail: [
                    bench.driverDetail, ("envelopes", .integer(Int64(envelopes))), ("seconds", Figure.rounded(seconds)),
                    ("in_flight", .integer(Int64(bench.options.concurrency))), ("file_bytes", 30_000),
                    ("cpu_ms_per_envelope", .object(perEnvelope)),
                    (
                        "database_per_envelope",
                        .object(
                            last.database.merging(first.database) { $0 - $1 }
                                .mapValues { Figure.rounded($0 / Double(envelopes)) })
                    ),
                    ("cores_used", Figure.rounded(total / seconds)),
                    ("envelope_p50_ms", Figure.rounded(latency.percentile(0.5))),
                    ("envelope_p99_ms", Figure.rounded(latency.percentile(0.99))),
                ]),
            Figure(
                name: "outbox_lag_p99", value: last.lag.percentile(0.99, since: first.lag) * 1000, unit: "ms",
                limit: 1000,
                goal: .atMost,
                detail: [
                    bench.driverDetail, ("messages", .integer(Int64(last.lag.count(since: first.lag)))),
                    ("p50_ms", Figure.rounded(last.lag.percentile(0.5, since: first.lag) * 1000)),
                    ("note", "under the load of envelopes_per_second, from writing a message to having handled it"),
                ]),
        ]
    }

    private func one(_ number: UInt64, counts: Counter) async throws {
        let started = ContinuousClock.now
        let created = try await bench.flow.send(
            BenchContext.plan(number), file: OfferDocument(number: number).bytes, ledger: bench.ledger)
        _ = try await bench.flow.agree(created.signers[0].requestID)
        // No client that waits for people asks more often; its questions would be load of the bench's own making.
        try await bench.flow.client.wait(
            for: "completed", of: created.documentID, seconds: 60, everyMilliseconds: 100)
        counts.completed((ContinuousClock.now - started).seconds * 1000)
    }

    private func databaseCounts() async throws -> [String: Double] {
        let rows = try await bench.system.query(
            """
            select xact_commit, wal_bytes, wal_sync from pg_stat_database, pg_stat_wal where datname = current_database()
            """)
        let numbers = rows.first?.compactMap { Double($0) } ?? []
        return Dictionary(uniqueKeysWithValues: zip(["commits", "wal_bytes", "wal_syncs"], numbers))
    }

    private func look(_ counts: Counter) async throws -> Look {
        let lag = try await MessageLag.now(bench.system)
        let database = try await databaseCounts()
        let processes = ProcessUsage.now()
        var seconds = bench.system.processIDs().mapValues { processes.processorSeconds(ofTree: $0) }
        seconds["bench"] = Double(clock()) / Double(CLOCKS_PER_SEC)
        return Look(lag: lag, database: database, seconds: seconds, completed: counts.count, at: .now)
    }

    /// Counts over all lanes.
    private final class Counter: Sendable {
        private let counts = Mutex(Counts())

        var count: Int { counts.withLock { $0.completed } }
        var milliseconds: [Double] { counts.withLock { $0.milliseconds } }

        func completed(_ milliseconds: Double) {
            counts.withLock {
                $0.completed += 1
                $0.milliseconds.append(milliseconds)
            }
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }
}
