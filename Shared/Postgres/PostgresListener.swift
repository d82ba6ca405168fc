// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Glibc
package import Logging
package import ServiceKit

/// Hears `NOTIFY` on a session of its own and opens another, with back-off, when that is lost.
package final class PostgresListener: Service {
    /// The service's name in logs.
    package let name = "postgres-listener"

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger
    private let onNotify: @Sendable (String) -> Void

    /// Calls `onNotify` with each payload, and with `""` whenever it begins to listen: earlier ones may be lost.
    ///
    /// The closure runs on the listener's thread and must return quickly; equal payloads that come together count once.
    package init(
        _ configuration: PostgresConfiguration, channels: [String], logger: Logger = .disabled,
        onNotify: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
        self.onNotify = onNotify
    }

    /// Listens until shutdown, which takes effect at once.
    ///
    /// - Throws: `PostgresError` with the code `misuse` when a channel is no plain name.
    package func run(until shutdown: ShutdownSignal) async throws {
        let commands = try channels.map { "listen \(try SQLIdentifier($0).text)" }.joined(separator: "; ")
        let wake = try WakePipe()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await shutdown.wait()
                wake.signal()
            }
            group.addTask { try await self.listenAgainAndAgain(commands, wake, until: shutdown) }
            try await group.waitForAll()
        }
    }

    private func listenAgainAndAgain(
        _ commands: String, _ wake: WakePipe, until shutdown: ShutdownSignal
    ) async throws {
        let executor = BlockingExecutor(label: "paraph.postgres.listener")
        var backoff = Backoff(initialSeconds: 0.05, maximumSeconds: 5)
        while !shutdown.isTriggered, !Task.isCancelled {
            let (error, hasListened) = try await executor.run { self.listen(commands, wake) }
            guard let error else { return }
            if hasListened { backoff.reset() }
            logger.warning("listening for notifications was interrupted", [.errorCode: .string(error.code.rawValue)])
            await shutdown.race(seconds: backoff.next())
        }
    }

    /// Blocks until the pipe is signalled, which gives no error, or the session is lost.
    private func listen(_ commands: String, _ wake: WakePipe) -> (error: PostgresError?, hasListened: Bool) {
        var hasListened = false
        do throws(PostgresError) {
            let connection = try PostgresConnection(configuration)
            try connection.script(commands)
            hasListened = true
            onNotify("")
            while true {
                for payload in connection.takeNotifications() { onNotify(payload) }
                var descriptors = [
                    pollfd(fd: PQsocket(connection.raw), events: Int16(POLLIN), revents: 0),
                    pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
                ]
                if poll(&descriptors, 2, -1) < 0 && errno != EINTR {
                    throw PostgresError(.connectionLost, "poll failed (errno \(errno))")
                }
                if descriptors[1].revents != 0 { return (nil, hasListened) }
                guard PQconsumeInput(connection.raw) == 1 else {
                    throw PostgresError(.connectionLost, PostgresConnection.lastMessage(connection.raw))
                }
            }
        } catch {
            return (error, hasListened)
        }
    }
}
