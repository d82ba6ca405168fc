// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import ServiceKit

/// Owns a libmicrohttpd daemon: started once, stopped once.
///
/// `@unchecked Sendable`: the pointer is written only here and libmicrohttpd locks its daemon itself; `stop` joins its
/// threads and is called once, by the listener's `run`.
final class HTTPDaemon: @unchecked Sendable {
    private let raw: OpaquePointer
    private let core: ListenerCore
    private let socket: ListenSocket

    /// Starts the threads.
    ///
    /// The daemon borrows the socket, which it must not close, and the core, which outlives it.
    init(socket: ListenSocket, core: ListenerCore) throws(HTTPServerError) {
        var settings = paraph_mhd_settings(
            listen_socket: socket.descriptor, threads: UInt32(max(core.limits.threads, 1)),
            connection_limit: UInt32(Self.connectionLimit(core.limits)),
            inactivity_seconds: UInt32(core.limits.requestTimeoutSeconds),
            connection_memory: core.limits.connectionMemoryBytes)
        let context = Unmanaged.passUnretained(core).toOpaque()
        guard let raw = paraph_mhd_start(&settings, context, takeRequest, endRequest) else { throw .startFailed }
        self.raw = raw
        self.core = core
        self.socket = socket
    }

    /// The configured limit, or a little more, divisible by the threads that share it.
    ///
    /// A thread takes ready sockets in batches of 128 and, after a full batch, waits for the next event before it serves
    /// them (libmicrohttpd 0.9.75). A full thread whose connections all become ready at once would wait in vain, so that
    /// its share is not a multiple of the batch.
    private static func connectionLimit(_ limits: HTTPListenerConfiguration) -> Int {
        let threads = max(limits.threads, 1)
        let share = max((limits.maximumConnections + threads - 1) / threads, 1)
        return threads * (share % 128 == 0 ? share + 1 : share)
    }

    /// Takes no further connections.
    ///
    /// The daemon gives up its socket, which stays open until its threads have ended.
    func stopAccepting() {
        _ = MHD_quiesce_daemon(raw)
        socket.stopListening()
    }

    /// Closes all connections and joins the threads; no connection may be suspended.
    ///
    /// Frees the daemon, so it is last.
    func stop(on executor: BlockingExecutor) async throws {
        try await executor.run { MHD_stop_daemon(self.raw) }
    }
}

// The callbacks run on the daemon's threads and must not wait: they copy, decide and return.

/// Called with a nil slot when the headers are complete, then with body bytes, then without bytes at the end.
private func takeRequest(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, bytes: UnsafePointer<CChar>?,
    count: UnsafeMutablePointer<Int>?, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let count, let slot else { return .NO }
    let core = Unmanaged<ListenerCore>.fromOpaque(context).takeUnretainedValue()
    guard let existing = slot.pointee else {
        let head = readHead(connection, method: String(cString: method), target: String(cString: url))
        let handle = ConnectionHandle(raw: connection)
        guard let exchange = core.begin(head, connection: handle, peer: peerAddress(of: connection)) else {
            return .NO
        }
        // The slot owns one reference, which `endRequest` gives back.
        slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return perform(exchange.headersReady(), of: exchange, on: connection, core)
    }
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(existing).takeUnretainedValue()
    let step: TransportStep
    if exchange.isBeforeBody {
        step = exchange.headersReady()
    } else if count.pointee > 0 {
        step = exchange.bodyArrived(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
        count.pointee = 0
    } else {
        step = exchange.requestComplete()
    }
    return perform(step, of: exchange, on: connection, core)
}

/// Called once for each request whose slot was filled, whatever became of it.
private func endRequest(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let context, let existing = slot?.pointee else { return }
    slot?.pointee = nil
    let core = Unmanaged<ListenerCore>.fromOpaque(context).takeUnretainedValue()
    core.end(Unmanaged<HTTPExchange>.fromOpaque(existing).takeRetainedValue())
}

private func perform(
    _ step: TransportStep, of exchange: HTTPExchange, on connection: OpaquePointer, _ core: ListenerCore
) -> MHD_Result {
    switch step {
    // A suspended connection was suspended by the exchange, inside its lock.
    case .proceed, .suspend: return .YES
    case .hangUp: return .NO
    case .reply:
        guard let response = exchange.takeResponse(inactivitySeconds: core.limits.requestTimeoutSeconds) else {
            return .NO
        }
        return queue(response, of: exchange, on: connection, closing: core.isDraining)
    }
}

// MARK: Reading the head

/// Copies method, path, header fields and query out of the connection, whose memory is reused for the next request.
private func readHead(_ connection: OpaquePointer, method: String, target: String) -> RequestHead {
    var head = RequestHead(method: HTTPMethod(rawValue: method), target: target)
    withUnsafeMutablePointer(to: &head) { head in
        _ = MHD_get_connection_values_n(
            connection, .HEADER_KIND,
            { context, _, key, keySize, value, valueSize in
                guard let head = context?.assumingMemoryBound(to: RequestHead.self) else { return .NO }
                head.pointee.headerBytes += keySize + valueSize + 4
                head.pointee.headers.append((text(key, keySize).lowercased(), text(value, valueSize)))
                return .YES
            }, head)
        _ = MHD_get_connection_values_n(
            connection, .GET_ARGUMENT_KIND,
            { context, _, key, keySize, value, valueSize in
                guard let head = context?.assumingMemoryBound(to: RequestHead.self) else { return .NO }
                head.pointee.rawQuery.append((text(key, keySize), text(value, valueSize)))
                return .YES
            }, head)
    }
    return head
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
}

private func peerAddress(of connection: OpaquePointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
        guard let start = buffer.baseAddress, paraph_mhd_peer(connection, start, buffer.count) != 0 else { return "" }
        return String(cString: start)
    }
}

// MARK: Answering

/// Hands the answer to the daemon, which counts references: ours is dropped as soon as it is queued.
private func queue(
    _ response: HTTPResponse, of exchange: HTTPExchange, on connection: OpaquePointer, closing: Bool
) -> MHD_Result {
    guard let raw = makeResponse(response, of: exchange) else { return .NO }
    defer { MHD_destroy_response(raw) }
    for (name, value) in response.headers where !HTTPResponse.serverOwnedHeaders.contains(name.lowercased()) {
        // Refused for a line break in it, which must not reach the client in any form.
        guard MHD_add_response_header(raw, name, value) == .YES else { return .NO }
    }
    if closing { _ = MHD_add_response_header(raw, "Connection", "close") }
    return MHD_queue_response(connection, UInt32(response.status), raw)
}

private func makeResponse(_ response: HTTPResponse, of exchange: HTTPExchange) -> OpaquePointer? {
    switch response.body {
    case .empty:
        return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    case .bytes(let bytes):
        // The daemon copies the bytes before the call returns and never writes to the pointer.
        return bytes.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
    case .stream(let length, _):
        // The response owns a second reference to the exchange until the daemon frees it.
        let context = Unmanaged.passRetained(exchange).toOpaque()
        let raw = MHD_create_response_from_callback(
            UInt64(max(length, 0)), 131_072,
            { context, _, buffer, maximum in
                guard let context, let buffer else { return paraph_mhd_stream_failed }
                let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                let target = UnsafeMutableRawBufferPointer(start: buffer, count: maximum)
                return exchange.fill(target) ?? paraph_mhd_stream_failed
            }, context,
            { context in
                if let context { Unmanaged<HTTPExchange>.fromOpaque(context).release() }
            })
        if raw == nil { Unmanaged<HTTPExchange>.fromOpaque(context).release() }
        return raw
    }
}
