// SPDX-License-Identifier: Apache-2.0
import CCurl
import Tracing

/// How a session connects.
package struct HTTPSessionConfiguration: Sendable {
    /// Further requests wait for a free connection, within their own timeout.
    package var maximumConnections = 64
    package var connectTimeoutSeconds = 10.0
    /// PEM file of trusted authorities in place of the system's.
    package var certificateAuthorityFile: String?
    package var userAgent = "Paraph"

    /// Defaults for a service's outgoing calls.
    package init() {}
}

/// Sends requests over kept-alive connections; one thread serves all of them.
///
/// Proxies of the environment are not used and only http and https are spoken, so that a URL from outside cannot reach
/// other protocols.
package final class HTTPSession: Sendable {
    let configuration: HTTPSessionConfiguration
    let loop: CurlLoop

    /// Starts the session's thread, which ends with the session.
    /// - Throws: `HTTPClientError.failed` when libcurl cannot start.
    package init(_ configuration: HTTPSessionConfiguration = HTTPSessionConfiguration()) throws(HTTPClientError) {
        self.configuration = configuration
        loop = try CurlLoop(maximumConnections: configuration.maximumConnections)
    }

    deinit { loop.stop() }

    /// The whole response, whatever its status.
    /// - Throws: `HTTPClientError` when there is no whole response within the request's limits.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let transfer = try transfer(for: request, isStreamed: false)
        let (head, bytes) = try await run(transfer)
        return HTTPClientResponse(status: head.status, headers: head.headers, body: bytes)
    }

    /// The response's head as soon as it is there; the body follows as it is read.
    /// - Throws: `HTTPClientError` when there is no head within the request's limits.
    package func stream(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientStream {
        let transfer = try transfer(for: request, isStreamed: true)
        loop.start(transfer)
        do throws(HTTPClientError) {
            let head = try await transfer.awaitHead()
            return HTTPClientStream(head: head, transfer: transfer, session: self)
        } catch {
            loop.cancel(transfer)
            throw error
        }
    }

    /// Runs a transfer to its end, or out of the loop when the task is cancelled.
    func run(_ transfer: CurlTransfer) async throws(HTTPClientError) -> (head: CurlTransfer.Head, bytes: [UInt8]) {
        loop.start(transfer)
        do throws(HTTPClientError) {
            return try await transfer.whole()
        } catch {
            if error == .cancelled { loop.cancel(transfer) }
            throw error
        }
    }

    // MARK: Options

    /// What every transfer of the session has in common.
    func setCommon(_ options: inout CurlOptions, protocols: String, timeoutSeconds: Double) {
        options.set(CURLOPT_NOSIGNAL, true)
        options.set(CURLOPT_PROTOCOLS_STR, protocols)
        options.set(CURLOPT_PROXY, "")
        options.set(CURLOPT_TIMEOUT_MS, seconds: timeoutSeconds)
        options.set(CURLOPT_CONNECTTIMEOUT_MS, seconds: configuration.connectTimeoutSeconds)
        if let file = configuration.certificateAuthorityFile { options.set(CURLOPT_CAINFO, file) }
    }

    private func transfer(
        for request: HTTPClientRequest, isStreamed: Bool
    ) throws(HTTPClientError) -> CurlTransfer {
        var headers = request.headers
        if request.propagatesTrace, let scope = Trace.current {
            headers.append(("traceparent", scope.traceContext.traceparent))
            headers.append(("X-Correlation-Id", scope.correlationID.text))
        }
        guard !request.method.isEmpty, request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw .invalidRequest("The method is not of upper-case letters.")
        }
        guard headers.allSatisfy({ FieldCheck.isName($0.0) && FieldCheck.isLine($0.1) }) else {
            throw .invalidRequest("A header has an invalid name or a control character in its value.")
        }
        guard FieldCheck.isLine(request.url) else { throw .invalidRequest("The URL has a control character.") }
        let sendsBody = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
        let lines = Self.lines(headers, hasBody: sendsBody)
        return CurlTransfer(maximumResponseBytes: request.maximumResponseBytes, isStreamed: isStreamed) {
            [self] options in
            setCommon(&options, protocols: "http,https", timeoutSeconds: request.timeoutSeconds)
            options.set(CURLOPT_URL, request.url)
            options.set(CURLOPT_FOLLOWLOCATION, false)
            options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
            options.set(CURLOPT_USERAGENT, configuration.userAgent)
            options.setSize(CURLOPT_MAXFILESIZE_LARGE, request.method == "HEAD" ? 0 : request.maximumResponseBytes)
            if request.refusesInternalAddresses { options.refuseInternalAddresses() }
            if let path = request.unixSocketPath { options.set(CURLOPT_UNIX_SOCKET_PATH, path) }
            if request.method == "HEAD" { options.set(CURLOPT_NOBODY, true) }
            if sendsBody { options.setBody(request.body ?? []) }
            options.set(CURLOPT_CUSTOMREQUEST, request.method)
            options.set(CURLOPT_HTTPHEADER, list: lines)
        }
    }

    /// A name with nothing behind the colon takes away a header that libcurl adds by itself.
    private static func lines(_ headers: [(String, String)], hasBody: Bool) -> [String] {
        var lines = headers.map { name, value in value.isEmpty ? "\(name);" : "\(name): \(value)" }
        if hasBody { lines.append("Expect:") }
        if hasBody, !headers.contains(where: { $0.0.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        return lines
    }
}

/// Keeps line breaks and other control characters out of what becomes a line of a protocol.
enum FieldCheck {
    static func isLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
    }
}
