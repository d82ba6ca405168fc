// SPDX-License-Identifier: Apache-2.0

/// What the transport does after one of its callbacks.
enum TransportStep: Equatable {
    /// Go on reading the request.
    case proceed
    /// Leave the connection alone until it is resumed.
    case suspend
    /// Send the response that is ready.
    case reply
    /// Close the connection without an answer.
    case hangUp
}

/// The states of one request and its answer, without threads or pointers.
///
/// The transport's callbacks and the handler's task both drive it; each method says what its caller does next. An
/// answer can be sent only before the body is read or after its end, so that an early answer waits while the rest of the
/// body is drained within limits.
struct ExchangeState {
    enum Phase { case headers, body, received, replied, closed }

    /// The connection is suspended while this many bytes wait on either way, and goes on at half of it.
    static let highWater = 262_144
    static let maximumDrainedBytes = 33_554_432
    static let maximumDrainSeconds = 5

    let hasBody: Bool
    /// The client waits for `100 Continue`, or announced more than anyone wants to drain: answer without its body.
    let answersBeforeBody: Bool
    let maximumBodyBytes: Int

    private(set) var phase = Phase.headers
    /// True from the moment the transport is told to suspend until someone takes over the duty to resume it.
    private(set) var isSuspended = false
    private(set) var isAbandoned = false
    private(set) var response: HTTPResponse?

    private var unread = ChunkQueue()
    private var receivedBytes = 0
    private var bodyEnd: Result<Void, HTTPServerError>?
    private var isBodyWanted = false
    private var isDraining = false
    private var drainedBytes = 0

    private var outgoing = ChunkQueue()
    private var outgoingEnd: StreamEnd?
    enum StreamEnd { case complete, failed }

    init(hasBody: Bool, answersBeforeBody: Bool, maximumBodyBytes: Int) {
        self.hasBody = hasBody
        self.answersBeforeBody = answersBeforeBody
        self.maximumBodyBytes = maximumBodyBytes
    }

    // MARK: The transport's callbacks

    /// Headers are complete, or the connection was resumed after them: read the body only if someone wants it.
    mutating func headersReady() -> TransportStep {
        if isAbandoned { return .hangUp }
        guard hasBody else {
            phase = .body
            return .proceed
        }
        if response != nil, answersBeforeBody { return reply() }
        guard response != nil || isBodyWanted else { return suspend() }
        phase = .body
        return .proceed
    }

    /// Body bytes came; `isLate` when draining has taken longer than its limit.
    mutating func bodyArrived(_ bytes: @autoclosure () -> [UInt8], count: Int, isLate: Bool) -> TransportStep {
        if isAbandoned { return .hangUp }
        receivedBytes += count
        if receivedBytes > maximumBodyBytes, bodyEnd == nil {
            bodyEnd = .failure(.bodyTooLarge(maximumBytes: maximumBodyBytes))
            startDraining()
        }
        if isDraining {
            drainedBytes += count
            return drainedBytes > Self.maximumDrainedBytes || isLate ? .hangUp : .proceed
        }
        unread.append(bytes())
        return unread.count >= Self.highWater ? suspend() : .proceed
    }

    /// The request is complete, or the connection was resumed after its end.
    mutating func requestComplete() -> TransportStep {
        if isAbandoned { return .hangUp }
        phase = .received
        if bodyEnd == nil { bodyEnd = .success(()) }
        return response == nil ? suspend() : reply()
    }

    /// Bytes for a streamed answer: how many were copied, or nil when the connection has to wait or end.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> (copied: Int, step: TransportStep) {
        let copied = outgoing.copy(into: buffer)
        if copied > 0 { return (copied, .proceed) }
        return (0, isAbandoned || outgoingEnd != nil ? .hangUp : suspend())
    }

    /// The connection is closed or goes on to its next request; no callback of this one follows.
    mutating func requestEnded() {
        phase = .closed
        isSuspended = false
        if bodyEnd == nil { bodyEnd = .failure(.bodyIncomplete) }
        unread.removeAll()
        outgoing.removeAll()
    }

    // MARK: The handler's task

    enum ChunkStep { case chunk([UInt8], resume: Bool), end, failed(HTTPServerError), wait(resume: Bool) }

    /// The next piece of the body for its reader.
    mutating func takeChunk() -> ChunkStep {
        if let chunk = unread.popChunk() {
            return .chunk(chunk, resume: phase == .body && unread.count <= Self.highWater / 2 && takeResumption())
        }
        switch bodyEnd {
        case .success?: return .end
        case .failure(let error)?: return .failed(error)
        case nil: break
        }
        if isAbandoned || response != nil { return .failed(.bodyIncomplete) }
        isBodyWanted = true
        return .wait(resume: takeResumption())
    }

    /// The answer is known; true when the connection has to be resumed to send it or to drain what is left.
    mutating func answer(_ response: HTTPResponse) -> Bool {
        guard phase != .closed, self.response == nil else { return false }
        self.response = response
        if phase == .headers || phase == .body { startDraining() }
        return takeResumption()
    }

    enum StreamStep { case goOn, wait, closed }

    /// Adds bytes of a streamed answer; `resume` when the transport waits for them.
    mutating func send(_ chunk: [UInt8]) -> (step: StreamStep, resume: Bool) {
        guard phase != .closed, !isAbandoned else { return (.closed, false) }
        outgoing.append(chunk)
        let resume = phase == .replied && takeResumption()
        return (outgoing.count >= Self.highWater ? .wait : .goOn, resume)
    }

    /// Whether the stream's producer still has to wait for the client.
    var streamStep: StreamStep {
        if phase == .closed || isAbandoned { return .closed }
        return outgoing.count > Self.highWater / 2 ? .wait : .goOn
    }

    /// Nothing more follows; true when the connection has to be resumed to find out.
    mutating func endStream(_ end: StreamEnd) -> Bool {
        outgoingEnd = end
        return phase == .replied && takeResumption()
    }

    /// The listener stops for good: every later callback hangs up; true when the connection has to be resumed for it.
    mutating func abandon() -> Bool {
        isAbandoned = true
        if bodyEnd == nil { bodyEnd = .failure(.bodyIncomplete) }
        return takeResumption()
    }

    // MARK: Helpers

    /// Whether a reader has something to see: bytes, the end or a failure.
    var hasBodyNews: Bool { unread.count > 0 || bodyEnd != nil || isAbandoned || response != nil }

    var isDrainingBody: Bool { isDraining && phase == .body }

    /// libmicrohttpd delivers what it has decoded of a chunked body even after a suspension, which must not be repeated.
    private mutating func suspend() -> TransportStep {
        guard !isSuspended else { return .proceed }
        isSuspended = true
        return .suspend
    }

    private mutating func reply() -> TransportStep {
        phase = .replied
        return .reply
    }

    private mutating func startDraining() {
        isDraining = true
        unread.removeAll()
    }

    private mutating func takeResumption() -> Bool {
        defer { isSuspended = false }
        return isSuspended
    }
}
