// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What the daemon's callbacks share with the listener: its limits and the requests in hand.
///
/// The daemon's context pointer is an unretained reference to it; the listener keeps both and stops the daemon first.
final class ListenerCore: Sendable {
    private struct InHand {
        var exchanges: [ObjectIdentifier: HTTPExchange] = [:]
        var isDraining = false
        var isAbandoned = false
        var idleWaiter: CheckedContinuation<Void, Never>?
    }
    let limits: HTTPListenerConfiguration
    let requests: AsyncStream<ReceivedRequest>
    private let sink: AsyncStream<ReceivedRequest>.Continuation
    private let inHand = Mutex(InHand())

    init(limits: HTTPListenerConfiguration) {
        self.limits = limits
        (requests, sink) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Whether answers ask their connection to close, because the listener stops.
    var isDraining: Bool { inHand.withLock { $0.isDraining } }

    /// Passes a request on to the handlers; nil when the listener takes no more.
    func begin(_ head: RequestHead, connection: ConnectionHandle, peer: String) -> HTTPExchange? {
        let query = head.query
        let refusal =
            head.refusal(limits) ?? (query == nil ? .malformedRequest("The query is not percent-encoded UTF-8.") : nil)
        let exchange = HTTPExchange(
            connection: connection,
            state: ExchangeState(
                hasBody: head.hasBody, answersBeforeBody: head.answersBeforeBody(refusal),
                maximumBodyBytes: limits.maximumBodyBytes))
        let isTaken = inHand.withLock { inHand in
            guard !inHand.isAbandoned else { return false }
            inHand.exchanges[ObjectIdentifier(exchange)] = exchange
            return true
        }
        guard isTaken else { return nil }
        let request = HTTPRequest(
            method: head.method, path: RequestTarget.path(ofTarget: head.target), query: query ?? [],
            headers: head.headers,
            body: HTTPRequestBody(source: exchange, contentLength: head.isChunked ? nil : head.contentLength ?? 0),
            peerAddress: peer)
        sink.yield(ReceivedRequest(request: request, refusal: refusal, exchange: exchange))
        return exchange
    }

    /// The connection has sent the answer or is gone.
    func end(_ exchange: HTTPExchange) {
        exchange.requestEnded()
        let waiter = inHand.withLock { inHand in
            inHand.exchanges[ObjectIdentifier(exchange)] = nil
            guard inHand.exchanges.isEmpty else { return nil as CheckedContinuation<Void, Never>? }
            defer { inHand.idleWaiter = nil }
            return inHand.idleWaiter
        }
        waiter?.resume()
    }

    /// From now on every answer asks its connection to close.
    func beginDraining() { inHand.withLock { $0.isDraining = true } }

    /// Returns when no request is in hand, or when the task is cancelled.
    func drain() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = inHand.withLock { inHand in
                    if inHand.exchanges.isEmpty || Task.isCancelled { return true }
                    inHand.idleWaiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = inHand.withLock { inHand in
                defer { inHand.idleWaiter = nil }
                return inHand.idleWaiter
            }
            waiter?.resume()
        }
    }

    /// Ends every request in hand, so that the daemon has no suspended connection when it stops, and takes no more.
    func abandon() {
        let exchanges = inHand.withLock { inHand in
            inHand.isAbandoned = true
            return inHand.exchanges.values
        }
        for exchange in exchanges { exchange.abandon() }
        sink.finish()
    }
}
