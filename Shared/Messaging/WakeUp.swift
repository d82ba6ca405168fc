// SPDX-License-Identifier: Apache-2.0
import Contracts
import Logging
package import Postgres
package import ServiceKit
import Synchronization

/// Tells readers everywhere that rows were committed: one `NOTIFY` in a transaction of its own, at once for the first row
/// and then at most one per 5 ms, rarer while rows keep coming.
///
/// A lost one costs the readers' fallback poll, nothing else.
package final class WakeUp: Service {
    package static let channel = "paraph_outbox"
    /// From one notification to the next; doubled for as long as there is something to tell each time.
    private static let pauseSeconds = 0.005
    private static let longestPauseSeconds = 0.02
    package let name = "messaging.wake-up"

    private let pool: PostgresPool
    private let outgoing = Doorbell()
    private let listeners = Mutex<[Doorbell]>([])

    /// Notifies over a session of the pool.
    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// How one producer's part of a topic is named on the channel.
    static func source(producer: String, topic: Topic) -> String { "\(producer)/\(topic.name)" }

    /// Tells that rows of these sources were committed; returns at once.
    func ring(_ sources: Set<String>) { outgoing.ring(sources) }

    /// Takes a payload from the channel; an empty one means that notifications may have been missed.
    package func receive(_ payload: String) {
        let sources = Set(payload.split(separator: ",").map(String.init))
        for listener in listeners.withLock({ $0 }) {
            if sources.isEmpty { listener.ringAll() } else { listener.ring(sources) }
        }
    }

    /// A bell that rings when the channel names one of these sources, and stays silent for others.
    func listener(to sources: Set<String>) -> Doorbell {
        let bell = Doorbell(sources: sources)
        listeners.withLock { $0.append(bell) }
        return bell
    }

    /// Forgets a bell.
    func remove(_ bell: Doorbell) {
        listeners.withLock { list in list.removeAll { $0 === bell } }
    }

    /// Sends until shutdown; errors are left to the readers' fallback poll.
    package func run(until shutdown: ShutdownSignal) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await shutdown.wait()
                self.outgoing.close()
            }
            var pause = Self.pauseSeconds
            while !shutdown.isTriggered && !Task.isCancelled {
                let isBusy = outgoing.hasRung
                pause = isBusy ? min(2 * pause, Self.longestPauseSeconds) : Self.pauseSeconds
                let sources = await outgoing.wait(seconds: 0.5).sources
                guard !sources.isEmpty else { continue }
                await notify(sources)
                await shutdown.race(seconds: pause)
            }
            group.cancelAll()
        }
    }

    /// A notification takes a transaction id, so its commit would otherwise wait for the disk.
    private func notify(_ sources: Set<String>) async {
        let payload = sources.sorted().joined(separator: ",")
        _ = try? await pool.batch([
            .withoutWaitingForDisk,
            PostgresStatement("select pg_notify($1, $2)", [.text(Self.channel), .text(payload)]),
        ])
    }
}

extension PostgresStatement {
    /// Comes first in a transaction that need not survive a crash of the server.
    static let withoutWaitingForDisk = PostgresStatement("select set_config('synchronous_commit', 'off', true)")
}
