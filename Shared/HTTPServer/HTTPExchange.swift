// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Synchronization

/// A libmicrohttpd connection that a suspended request has to resume.
///
/// The daemon owns the connection and keeps it alive at least until the request's completion callback; `ExchangeState`
/// hands out the duty to resume exactly once for each suspension, and a suspended connection is never closed, so the
/// pointer is valid whenever it is used. `MHD_resume_connection` may be called on any thread.
struct ConnectionHandle: @unchecked Sendable {
    let raw: OpaquePointer
}

/// One request on one connection: where libmicrohttpd's threads and the handler's task meet.
///
/// The daemon's callbacks never block; the task waits in continuations. Suspension happens inside the lock, so that
/// nobody can resume a connection before it is suspended.
final class HTTPExchange: BodySource {
    private struct Guarded {
        var state: ExchangeState
        var bodyWaiter: CheckedContinuation<Void, Never>?
        var roomWaiter: CheckedContinuation<Void, Never>?
        var drainingSince: ContinuousClock.Instant?
    }
    private let connection: ConnectionHandle
    private let guarded: Mutex<Guarded>

    init(connection: ConnectionHandle, state: ExchangeState) {
        self.connection = connection
        self.guarded = Mutex(Guarded(state: state))
    }

    // MARK: On the daemon's threads

    /// Headers came, or the connection was resumed before its body.
    func headersReady() -> TransportStep {
        step { $0.state.headersReady() }
    }

    var isBeforeBody: Bool { guarded.withLock { $0.state.phase == .headers } }

    /// Copies body bytes; the buffer is the daemon's and valid only during this call.
    func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> TransportStep {
        step { guarded in
            let step = guarded.state.bodyArrived(
                Array(bytes), count: bytes.count, isLate: Self.isLate(guarded.drainingSince))
            if guarded.state.isDrainingBody, guarded.drainingSince == nil {
                guarded.drainingSince = .now
                setInactivity(seconds: ExchangeState.maximumDrainSeconds)
            }
            return step
        }
    }

    func requestComplete() -> TransportStep {
        step { $0.state.requestComplete() }
    }

    /// The answer to send; also ends the shorter timeout of draining, as the connection may serve another request.
    func takeResponse(inactivitySeconds: Int) -> HTTPResponse? {
        guarded.withLock { guarded in
            if guarded.drainingSince != nil { setInactivity(seconds: inactivitySeconds) }
            return guarded.state.response
        }
    }

    /// Fills the daemon's buffer for a streamed answer; 0 when the connection is now suspended, nil when it must end.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let (result, waiter) = guarded.withLock { guarded in
            let (copied, step) = guarded.state.fill(buffer)
            if step == .suspend { MHD_suspend_connection(connection.raw) }
            return (step == .hangUp ? nil : copied, Self.takeRoomWaiter(&guarded))
        }
        waiter?.resume()
        return result
    }

    func requestEnded() {
        let waiters = guarded.withLock { guarded in
            guarded.state.requestEnded()
            return Self.takeWaiters(&guarded)
        }
        for waiter in waiters { waiter.resume() }
    }

    private func step(_ advance: (inout Guarded) -> TransportStep) -> TransportStep {
        let (step, waiter) = guarded.withLock { guarded in
            let step = advance(&guarded)
            if step == .suspend { MHD_suspend_connection(connection.raw) }
            defer { guarded.bodyWaiter = nil }
            return (step, guarded.bodyWaiter)
        }
        waiter?.resume()
        return step
    }

    private func setInactivity(seconds: Int) {
        // A refusal leaves the previous timeout in force, which is safe.
        _ = paraph_mhd_set_inactivity(connection.raw, UInt32(seconds))
    }

    private static func isLate(_ start: ContinuousClock.Instant?) -> Bool {
        start.map { $0.duration(to: .now) > .seconds(ExchangeState.maximumDrainSeconds) } ?? false
    }

    // MARK: On the handler's task

    func nextChunk() async throws(HTTPServerError) -> [UInt8]? {
        while true {
            if Task.isCancelled { throw .cancelled }
            switch guarded.withLock({ $0.state.takeChunk() }) {
            case .chunk(let chunk, let resume):
                if resume { MHD_resume_connection(connection.raw) }
                return chunk
            case .end: return nil
            case .failed(let error): throw error
            case .wait(let resume):
                if resume { MHD_resume_connection(connection.raw) }
                guard await wait(in: \.bodyWaiter, until: { $0.hasBodyNews }) else { throw .bodyAlreadyRead }
            }
        }
    }

    /// Hands the answer to the connection; a second answer is ignored.
    func answer(_ response: HTTPResponse) {
        if guarded.withLock({ $0.state.answer(response) }) { MHD_resume_connection(connection.raw) }
    }

    /// Sends a piece of a streamed answer and waits while the client lags; false when the client is gone.
    func send(_ chunk: [UInt8]) async -> Bool {
        var (step, resume) = guarded.withLock { $0.state.send(chunk) }
        if resume { MHD_resume_connection(connection.raw) }
        while step == .wait, !Task.isCancelled {
            _ = await wait(in: \.roomWaiter) { $0.streamStep != .wait }
            step = guarded.withLock { $0.state.streamStep }
        }
        return step == .goOn
    }

    func endStream(_ end: ExchangeState.StreamEnd) {
        if guarded.withLock({ $0.state.endStream(end) }) { MHD_resume_connection(connection.raw) }
    }

    /// Ends the exchange from outside: readers throw and the next callback closes the connection.
    func abandon() {
        let (resume, waiters) = guarded.withLock { ($0.state.abandon(), Self.takeWaiters(&$0)) }
        if resume { MHD_resume_connection(connection.raw) }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Waiting

    /// Returns when the state is ready or the task is cancelled; false at once when another task waits here.
    private func wait(
        in slot: any WritableKeyPath<Guarded, CheckedContinuation<Void, Never>?> & Sendable,
        until isReady: @Sendable (ExchangeState) -> Bool
    ) async -> Bool {
        await withTaskCancellationHandler {
            let isFree = guarded.withLock { $0[keyPath: slot] == nil }
            guard isFree else { return false }
            await withCheckedContinuation { continuation in
                let isOver = guarded.withLock { guarded in
                    guard !isReady(guarded.state), !Task.isCancelled, guarded[keyPath: slot] == nil else { return true }
                    guarded[keyPath: slot] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
            return true
        } onCancel: {
            let waiter = guarded.withLock { guarded in
                defer { guarded[keyPath: slot] = nil }
                return guarded[keyPath: slot]
            }
            waiter?.resume()
        }
    }

    private static func takeRoomWaiter(_ guarded: inout Guarded) -> CheckedContinuation<Void, Never>? {
        guard guarded.state.streamStep != .wait else { return nil }
        defer { guarded.roomWaiter = nil }
        return guarded.roomWaiter
    }

    private static func takeWaiters(_ guarded: inout Guarded) -> [CheckedContinuation<Void, Never>] {
        defer {
            guarded.bodyWaiter = nil
            guarded.roomWaiter = nil
        }
        return [guarded.bodyWaiter, guarded.roomWaiter].compactMap { $0 }
    }
}
