// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One synchronisation of a file for all writers that wait for it at the same time.
///
/// While one runs, the next writers gather behind it: the first of them synchronises for all.
package final class GroupSync: Sendable {
    private struct State {
        /// How many calls the last good synchronisation covers.
        var covered = 0
        var failure: FileSystemError?
    }

    private let calls = Atomic<Int>(0)
    private let state = Mutex(State())
    private let synchronize: @Sendable () throws(FileSystemError) -> Void

    /// Takes the operation that makes every write before it durable.
    package init(synchronize: @escaping @Sendable () throws(FileSystemError) -> Void) {
        self.synchronize = synchronize
    }

    /// How many calls began so far, for tests.
    var callCount: Int { calls.load(ordering: .acquiring) }

    /// Returns when what the caller has written is durable; blocks its thread until then.
    /// - Throws: What the synchronisation threw, for ever after: the kernel reports a lost write once, and takes the page
    ///   for clean from then on.
    package func commit() throws(FileSystemError) {
        // Counted after the write, so that a synchronisation that sees this count began after the write.
        let own = calls.add(1, ordering: .acquiringAndReleasing).newValue
        try state.withLock { state throws(FileSystemError) in
            if own <= state.covered { return }
            if let failure = state.failure { throw failure }
            let covered = calls.load(ordering: .acquiring)
            do throws(FileSystemError) {
                try synchronize()
            } catch {
                state.failure = error
                throw error
            }
            state.covered = covered
        }
    }
}
