// SPDX-License-Identifier: Apache-2.0
package import Logging
package import Metrics
package import ServiceKit
import Tracing

/// Serves a router on one address until shutdown; each request is a child task of `run`.
package final class HTTPListener: Service {
    package let name: String
    /// The bound port, known before `run`.
    package var port: Int { socket.port }
    private let configuration: HTTPListenerConfiguration
    private let router: Router
    private let logger: Logger
    private let observer: RequestObserver
    private let socket: ListenSocket
    private let executor: BlockingExecutor

    /// Binds the address at once, so that a taken port is found while the program is put together.
    /// - Throws: `HTTPServerError.listenFailed` with the failed call and its `errno`.
    package init(
        _ configuration: HTTPListenerConfiguration, router: Router, logger: Logger, metrics: MetricsRegistry
    ) throws(HTTPServerError) {
        self.name = "http-\(configuration.name)"
        self.configuration = configuration
        self.router = router
        self.logger = logger
        self.observer = RequestObserver(listener: configuration.name, logger: logger, metrics: metrics)
        self.socket = try ListenSocket(host: configuration.host, port: configuration.port)
        self.executor = BlockingExecutor(label: "http-\(configuration.name)")
    }

    /// Serves until the signal; then refuses connections, finishes requests in hand within `drainSeconds`, cancels the
    /// rest and returns.
    package func run(until shutdown: ShutdownSignal) async throws {
        let core = ListenerCore(limits: configuration)
        let daemon = try HTTPDaemon(socket: socket, core: core)
        logger.info("listening", [.httpListener: .string(configuration.name), .port: .int(port)])
        await withDiscardingTaskGroup { group in
            group.addTask {
                await shutdown.wait()
                core.beginDraining()
                daemon.stopAccepting()
                await self.drain(core)
                core.abandon()
            }
            for await received in core.requests {
                group.addTask { await self.serve(received) }
            }
            // Only requests past the deadline are still there.
            group.cancelAll()
        }
        try await daemon.stop(on: executor)
        logger.info("stopped listening", [.httpListener: .string(configuration.name)])
    }

    private func drain(_ core: ListenerCore) async {
        let deadline = Duration.seconds(configuration.drainSeconds)
        await withTaskGroup { group in
            group.addTask { await core.drain() }
            group.addTask { try? await Task.sleep(for: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func serve(_ received: ReceivedRequest) async {
        let started = ContinuousClock.now
        let scope = RequestObserver.scope(of: received.request)
        await Trace.$current.withValue(scope) {
            var answer = await router.answer(received.request, refusal: received.refusal)
            answer.response.headers.append(("X-Correlation-Id", scope.correlationID.text))
            received.exchange.answer(answer.response)
            let failure = await pump(answer.response, for: received)
            observer.finished(
                answer, method: received.request.method, after: started.duration(to: .now), streamFailure: failure)
        }
    }

    /// Moves a streamed answer from its reader to the connection as fast as the client takes it.
    private func pump(_ response: HTTPResponse, for received: ReceivedRequest) async -> (any Error)? {
        guard case .stream(let length, let read) = response.body, received.request.method != .head else { return nil }
        var remaining = length
        do {
            while remaining > 0 {
                let chunk = try await read(min(remaining, 65_536))
                guard !chunk.isEmpty, chunk.count <= remaining else { throw HTTPServerError.streamLengthMismatch }
                remaining -= chunk.count
                guard await received.exchange.send(chunk) else { return nil }
            }
            received.exchange.endStream(.complete)
            return nil
        } catch {
            received.exchange.endStream(.failed)
            return error
        }
    }
}
