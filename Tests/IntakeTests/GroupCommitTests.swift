// SPDX-License-Identifier: Apache-2.0
import Synchronization
import TestSupport
import Testing

@testable import Intake
@testable import Postgres

struct GroupCommitTests {
    /// Plays the database: keeps the groups, and lets the first one wait.
    private final class Ledger: Sendable {
        private struct State {
            var groups: [[Int]] = []
            var isOpen = false
            var waiting: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())
        private let refuse: @Sendable ([Int]) -> (any Error)?

        init(refuse: @escaping @Sendable ([Int]) -> (any Error)? = { _ in nil }) { self.refuse = refuse }

        var groups: [[Int]] { state.withLock { $0.groups } }

        func commit(_ entries: [Int]) async throws -> [Int] {
            state.withLock { $0.groups.append(entries) }
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            if let error = refuse(entries) { throw error }
            return entries.map { $0 * 10 }
        }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private struct Refusal: Error {}

    /// Submits 0, and 1...4 while it is being committed.
    private func outcomes(_ ledger: Ledger, cancelling cancelled: Set<Int> = []) async throws -> [Int: Int?] {
        let commits = GroupCommit<Int, Int> { try await ledger.commit($0) }
        var tasks: [Task<Int, any Error>] = []
        for number in 0...4 {
            tasks.append(Task { try await commits.submit(number) })
            try await eventually { ledger.groups.count == 1 && commits.waiting == number }
        }
        for number in cancelled { tasks[number].cancel() }
        ledger.open()
        var outcomes: [Int: Int?] = [:]
        for (number, task) in tasks.enumerated() { outcomes[number] = .some(try? await task.value) }
        return outcomes
    }

    @Test func `while one group commits the next gathers, and each member gets its own outcome`() async throws {
        let ledger = Ledger()
        #expect(try await outcomes(ledger) == [0: 0, 1: 10, 2: 20, 3: 30, 4: 40])
        #expect(ledger.groups == [[0], [1, 2, 3, 4]])
    }

    @Test func `one member's failure fails nobody else`() async throws {
        let ledger = Ledger { $0.contains(3) ? Refusal() : nil }
        #expect(try await outcomes(ledger) == [0: 0, 1: 10, 2: 20, 3: nil, 4: 40])
        #expect(ledger.groups.prefix(2) == [[0], [1, 2, 3, 4]])
        #expect(Set(ledger.groups.dropFirst(2)) == [[1], [2], [3], [4]])
    }

    @Test func `a group that may be committed is not done again`() async throws {
        let ledger = Ledger { group in
            group.count > 1 ? PostgresError(.connectionLost, "gone", mayHaveCommitted: true) : nil
        }
        #expect(try await outcomes(ledger) == [0: 0, 1: nil, 2: nil, 3: nil, 4: nil])
        #expect(ledger.groups == [[0], [1, 2, 3, 4]])
    }

    @Test func `a member that goes away takes nobody with it`() async throws {
        let ledger = Ledger()
        // It leads the second group.
        let outcomes = try await outcomes(ledger, cancelling: [1])
        for number in [0, 2, 3, 4] { #expect(outcomes[number] == .some(number * 10)) }
    }
}
