// SPDX-License-Identifier: Apache-2.0
import Contracts
import Logging
package import Postgres
package import ServiceKit
import Synchronization

/// Tells readers everywhere that rows were committed: one `NOTIFY` in a transaction of its own, at most one per 5 ms.
///
/// A lost one costs the readers' fallback poll, nothing else.
package final class WakeUp: Service {
    package static let channel = "paraph_outbox"
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

    /// A bell that rings for whatever the channel says.
    func listener() -> Doorbell {
        let bell = Doorbell()
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
            while !shutdown.isTriggered && !Task.isCancelled {
                let sources = await outgoing.wait(seconds: 0.5).sources
                if !sources.isEmpty {
                    let payload = sources.sorted().joined(separator: ",")
                    _ = try? await pool.execute(
                        PostgresStatement("select pg_notify($1, $2)", [.text(Self.channel), .text(payload)]))
                }
                await shutdown.race(seconds: 0.005)
            }
            group.cancelAll()
        }
    }
}
