// SPDX-License-Identifier: Apache-2.0
import Clocks
import Messaging
import Postgres
import Synchronization

/// Holds messages back until the audit events that they follow are in the log, so that causes stand before effects.
///
/// The waiting time counts from when the vault first saw the message, not from when it was written: after an outage
/// cause and effect are both old, and only wait for each other.
final class CauseWatch: Sendable {
    /// How long an event waits for the one that caused it.
    static let patienceSeconds = 10.0

    private let consumer: String
    private let appended: AppendedEvents
    private let clock: BusinessClock
    private let heldSince = Mutex<[String: Instant]>([:])

    /// Takes the memory that the watches of one process share.
    init(consumer: String, appended: AppendedEvents, clock: BusinessClock) {
        self.consumer = consumer
        self.appended = appended
        self.clock = clock
    }

    /// The ids of messages that have to wait; one whose patience is over is let go and counts as overdue.
    func held(
        _ wanted: [(id: String, causes: [MessageReference])], in transaction: PostgresTransaction
    ) async throws -> Set<String> {
        guard wanted.contains(where: { !$0.causes.isEmpty }) else { return [] }
        let arrived = try await arrived(wanted.flatMap(\.causes), in: transaction)
        let now = clock.now()
        return heldSince.withLock { heldSince in
            var held: Set<String> = []
            for (id, causes) in wanted {
                guard causes.contains(where: { !arrived.contains($0) }) else {
                    heldSince[id] = nil
                    continue
                }
                let first = heldSince[id] ?? now
                heldSince[id] = first
                if now.seconds(since: first) < Self.patienceSeconds { held.insert(id) }
            }
            return held
        }
    }

    /// Whether the message was let go without what it follows.
    func isOverdue(_ message: InboundMessage) -> Bool {
        heldSince.withLock { !$0.isEmpty && $0[message.id] != nil }
    }

    /// Forgets messages that are in the log now.
    func forget(_ messages: [InboundMessage]) {
        heldSince.withLock { heldSince in
            if heldSince.isEmpty { return }
            for message in messages { heldSince[message.id] = nil }
        }
    }

    /// Those of the references that the vault has appended; asks the database about the ones not remembered.
    private func arrived(
        _ references: [MessageReference], in transaction: PostgresTransaction
    ) async throws -> Set<MessageReference> {
        var arrived: Set<MessageReference> = []
        var unknown: Set<MessageReference> = []
        for reference in references {
            if appended.contains(reference) { arrived.insert(reference) } else { unknown.insert(reference) }
        }
        guard !unknown.isEmpty else { return arrived }
        let found = try await MessageReference.arrived(Array(unknown), consumer: consumer, in: transaction)
        appended.insert(found)
        return arrived.union(found)
    }
}
