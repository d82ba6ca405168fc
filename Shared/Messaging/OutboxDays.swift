// SPDX-License-Identifier: Apache-2.0
import Clocks
import Postgres
import Synchronization

/// Remembers which daily partitions this process has seen, so that only the first write of a day asks for one.
final class OutboxDays: Sendable {
    private let known = Mutex<Set<Instant>>([])

    /// Nothing for a known day; else the statement that makes the partition, remembered once it is committed.
    func preparation(for time: Instant, in transaction: PostgresTransaction) -> [PostgresStatement] {
        let day = time.startOfDay
        guard !known.withLock({ $0.contains(day) }) else { return [] }
        transaction.onCommit { self.known.withLock { _ = $0.insert(day) } }
        return [OutboxPartitions.ensuring(day)]
    }
}
