// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import FileSystem

@Suite struct GroupSyncTests {
    private final class Counted: Sendable {
        let count = Atomic<Int>(0)
    }

    @Test func `calls that wait behind a synchronisation share the next one`() {
        let counted = Counted()
        let started = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)
        let commits = GroupSync { () throws(FileSystemError) in
            guard counted.count.add(1, ordering: .relaxed).newValue == 1 else { return }
            started.signal()
            released.wait()
        }
        let ended = DispatchSemaphore(value: 0)
        // Threads of their own: a queue may have fewer than there are calls.
        func commitBeside() {
            Thread {
                try? commits.commit()
                ended.signal()
            }.start()
        }
        commitBeside()
        started.wait()
        for _ in 0..<16 { commitBeside() }
        while commits.callCount < 17 { sched_yield() }
        released.signal()
        for _ in 0..<17 { ended.wait() }
        #expect(counted.count.load(ordering: .relaxed) == 2)
    }

    @Test func `a call alone synchronises each time`() throws {
        let counted = Counted()
        let commits = GroupSync { () throws(FileSystemError) in counted.count.add(1, ordering: .relaxed) }
        for _ in 0..<5 { try commits.commit() }
        #expect(counted.count.load(ordering: .relaxed) == 5)
    }

    @Test func `a failed synchronisation is never tried again`() {
        let counted = Counted()
        let error = FileSystemError(.synchronize, errno: 5, path: "/x")
        let commits = GroupSync { () throws(FileSystemError) in
            if counted.count.add(1, ordering: .relaxed).newValue == 2 { throw error }
        }
        #expect(throws: Never.self) { try commits.commit() }
        #expect(throws: error) { try commits.commit() }
        #expect(throws: error) { try commits.commit() }
        #expect(counted.count.load(ordering: .relaxed) == 2)
    }
}
