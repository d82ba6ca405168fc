// SPDX-License-Identifier: Apache-2.0
import CCurl
import Synchronization

/// One exchange: libcurl's callbacks fill it on the loop's thread, one task empties it.
///
/// `@unchecked Sendable`: `easy`, `lists` and `uploadOffset` are touched on the loop's thread only, which also runs all
/// callbacks; everything shared is in the lock.
final class CurlTransfer: @unchecked Sendable {
    struct Head: Sendable {
        var status = 0
        var headers: [(String, String)] = []
    }
    private struct State {
        var head = Head()
        var isHeadComplete = false
        var headerBytes = 0
        var chunks: [[UInt8]] = []
        var unreadBytes = 0
        var receivedBytes = 0
        var isPaused = false
        var end: Result<Int, HTTPClientError>?
        var waiter: CheckedContinuation<Void, Never>?
    }
    static let highWater = 262_144
    private static let maximumHeaderBytes = 65_536

    /// Sets the options on the loop's thread.
    let configure: @Sendable (inout CurlOptions) -> Void
    private let upload: [UInt8]
    private let maximumResponseBytes: Int
    /// Whether a slow reader holds the sender back; otherwise the limit bounds the memory.
    private let isStreamed: Bool
    private let state = Mutex(State())
    private var easy: UnsafeMutableRawPointer?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var uploadOffset = 0

    init(
        upload: [UInt8] = [], maximumResponseBytes: Int, isStreamed: Bool,
        configure: @escaping @Sendable (inout CurlOptions) -> Void
    ) {
        self.upload = upload
        self.maximumResponseBytes = maximumResponseBytes
        self.isStreamed = isStreamed
        self.configure = configure
    }

    // MARK: On the loop's thread

    /// Makes the handle; nil after a failure, which the task then sees.
    func makeHandle() -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else {
            finish(CURLE_OUT_OF_MEMORY)
            return nil
        }
        self.easy = easy
        var options = CurlOptions(easy: easy)
        // The context is unretained: the loop holds the transfer until after it has freed the handle.
        options.note(
            paraph_curl_set_callbacks(
                easy, Unmanaged.passUnretained(self).toOpaque(), takeHeader, takeBytes, giveBytes))
        configure(&options)
        lists = options.lists
        guard options.firstError == CURLE_OK else {
            finish(options.firstError)
            freeHandle()
            return nil
        }
        return easy
    }

    /// Frees the handle and then what it borrowed; the loop has taken it out of the multi handle before.
    func freeHandle() {
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    /// Goes on after a pause; libcurl may deliver bytes from within this call.
    func unpause() {
        if let easy { _ = curl_easy_pause(easy, CURLPAUSE_CONT) }
    }

    func finish(_ code: CURLcode) {
        let replyCode = easy.map { paraph_curl_response_code($0) } ?? 0
        end(
            code == CURLE_OK ? .success(replyCode) : .failure(HTTPClientError(code, limit: maximumResponseBytes)),
            replyCode)
    }

    func fail(_ error: HTTPClientError) { end(.failure(error), 0) }

    private func end(_ result: Result<Int, HTTPClientError>, _ replyCode: Int) {
        news { state in
            if state.end == nil { state.end = result }
            state.head.status = state.head.status == 0 ? replyCode : state.head.status
        }
    }

    /// One header line with its line end; false aborts the transfer.
    func received(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        let line = String(decoding: bytes, as: UTF8.self).trimmingLineEnd()
        return news { state in
            state.headerBytes += bytes.count
            guard state.headerBytes <= Self.maximumHeaderBytes else {
                state.end = .failure(.protocolViolation)
                return false
            }
            if line.hasPrefix("HTTP/") {
                // Each interim response has a head of its own; the last one counts.
                state.head = Head(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
            } else if line.isEmpty {
                state.isHeadComplete = state.head.status >= 200
            } else if let colon = line.firstIndex(of: ":"), !state.isHeadComplete {
                let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                state.head.headers.append((line[..<colon].lowercased(), String(value)))
            }
            return true
        }
    }

    /// Copies response bytes; the count taken, `paraph_curl_pause` to get them again later, or 0 to abort.
    func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        news { state in
            if isStreamed, state.unreadBytes >= Self.highWater {
                state.isPaused = true
                return paraph_curl_pause
            }
            state.receivedBytes += bytes.count
            guard state.receivedBytes <= maximumResponseBytes else {
                state.end = .failure(.responseTooLarge(maximumBytes: maximumResponseBytes))
                return 0
            }
            state.unreadBytes += bytes.count
            state.chunks.append(Array(bytes))
            return bytes.count
        }
    }

    /// Copies the next bytes to send.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, upload.count - uploadOffset)
        upload.withUnsafeBytes { buffer.copyBytes(from: $0[uploadOffset..<(uploadOffset + count)]) }
        uploadOffset += count
        return count
    }

    private func news<R: Sendable>(_ change: (inout State) -> R) -> R {
        let (result, waiter) = state.withLock { state in
            let result = change(&state)
            let isWorthWaking = isStreamed || state.end != nil
            guard isWorthWaking else { return (result, nil as CheckedContinuation<Void, Never>?) }
            defer { state.waiter = nil }
            return (result, state.waiter)
        }
        waiter?.resume()
        return result
    }

    // MARK: On the reader's task

    /// Waits for the end; the status or reply code, the headers and all bytes.
    func whole() async throws(HTTPClientError) -> (head: Head, bytes: [UInt8]) {
        while true {
            let step = state.withLock { state -> (Result<Int, HTTPClientError>, Head, [[UInt8]])? in
                state.end.map { ($0, state.head, state.chunks) }
            }
            if let (end, head, chunks) = step {
                _ = try end.get()
                return (head, Self.joined(chunks))
            }
            await wait { $0.end != nil }
            if Task.isCancelled { throw .cancelled }
        }
    }

    /// The last reply of an SMTP server, also after a failure.
    var smtpReplyCode: Int? {
        state.withLock { $0.head.status == 0 ? nil : $0.head.status }
    }

    /// Waits for the response's head.
    func awaitHead() async throws(HTTPClientError) -> Head {
        while true {
            let (end, head, isComplete) = state.withLock { ($0.end, $0.head, $0.isHeadComplete) }
            if isComplete { return head }
            if let end {
                _ = try end.get()
                return head
            }
            await wait { $0.end != nil || $0.isHeadComplete }
            if Task.isCancelled { throw .cancelled }
        }
    }

    /// The next bytes, nil at the end; `resume` is called when libcurl has to go on delivering.
    func nextChunk(resume: () -> Void) async throws(HTTPClientError) -> [UInt8]? {
        while true {
            let (chunks, end, isPaused) = state.withLock { state in
                defer {
                    state.chunks = []
                    state.unreadBytes = 0
                    state.isPaused = false
                }
                return (state.chunks, state.end, state.isPaused)
            }
            if isPaused { resume() }
            if !chunks.isEmpty { return Self.joined(chunks) }
            if let end {
                _ = try end.get()
                return nil
            }
            await wait { $0.end != nil || !$0.chunks.isEmpty }
            if Task.isCancelled { throw .cancelled }
        }
    }

    private static func joined(_ chunks: [[UInt8]]) -> [UInt8] {
        if chunks.count == 1 { return chunks[0] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
        for chunk in chunks { bytes += chunk }
        return bytes
    }

    private func wait(until isReady: @Sendable (State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isReady(state) || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}

// libcurl's callbacks: they run on the loop's thread with the transfer as context and buffers valid during the call.

private func takeHeader(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.received(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func takeBytes(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.received(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func giveBytes(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

extension String {
    fileprivate func trimmingLineEnd() -> String {
        String(unicodeScalars.prefix { $0 != "\r" && $0 != "\n" })
    }
}
