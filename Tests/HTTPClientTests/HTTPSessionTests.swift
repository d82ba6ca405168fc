// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import HTTPServer
import Logging
import Metrics
import ServiceKit
import Synchronization
import Testing
import Tracing

struct HTTPSessionTests {
    private func router() -> Router {
        var router = Router()
        router.on(.get, "/hello") { _ in HTTPResponse(status: 200, headers: [("X-A", "1")], body: .bytes([0x68, 0x69]))
        }
        for method in [HTTPMethod.post, .put, .patch, .delete] {
            router.on(method, "/echo") { request in
                let body = try await request.body.collect(maximumBytes: 2_000_000)
                return HTTPResponse(
                    status: 201, headers: [("X-Type", request.header("content-type") ?? "none")], body: .bytes(body))
            }
        }
        router.on(.get, "/redirect") { _ in HTTPResponse(status: 302, headers: [("Location", "/hello")]) }
        router.on(.get, "/never") { _ in
            try await Task.sleep(for: .seconds(3_600))
            return .text("")
        }
        router.on(.get, "/trace") { request in
            .text("\(request.header("traceparent") ?? "-") \(request.header("x-correlation-id") ?? "-")")
        }
        router.on(.get, "/stream/{length}") { request in
            let length = Int(request.pathParameters["length"] ?? "") ?? 0
            return HTTPResponse(status: 200, body: .stream(length: length) { Array(repeating: 0x61, count: $0) })
        }
        router.on(.get, "/short") { _ in HTTPResponse(status: 200, body: .stream(length: 10) { _ in [] }) }
        return router
    }

    /// Serves the router during the body.
    private func serving(_ router: Router, _ body: @Sendable (String) async throws -> Void) async throws {
        var configuration = HTTPListenerConfiguration(name: "test", maximumBodyBytes: 4_000_000)
        configuration.drainSeconds = 0.05
        let listener = try HTTPListener(configuration, router: router, logger: .disabled, metrics: MetricsRegistry())
        let shutdown = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run(until: shutdown) }
            defer { shutdown.trigger() }
            try await body("http://127.0.0.1:\(listener.port)")
        }
    }

    @Test func `requests and responses come through whole`() async throws {
        try await serving(router()) { url in
            let session = try HTTPSession()
            let hello = try await session.send(HTTPClientRequest(url: "\(url)/hello"))
            #expect(hello.status == 200 && hello.body == Array("hi".utf8) && hello.header("x-a") == "1")
            let body = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                let echo = try await session.send(
                    HTTPClientRequest(method: method, url: "\(url)/echo", body: body, maximumResponseBytes: 1_500_000))
                #expect(echo.status == 201 && echo.body == body && echo.header("x-type") == "none")
            }
            let empty = try await session.send(HTTPClientRequest(method: "POST", url: "\(url)/echo"))
            #expect(empty.status == 201 && empty.body.isEmpty)
            let head = try await session.send(
                HTTPClientRequest(method: "HEAD", url: "\(url)/stream/99999999", maximumResponseBytes: 10))
            #expect(head.status == 200 && head.body.isEmpty && head.header("content-length") == "99999999")
        }
    }

    @Test func `redirects are answers`() async throws {
        try await serving(router()) { url in
            let response = try await HTTPSession().send(HTTPClientRequest(url: "\(url)/redirect"))
            #expect(response.status == 302 && response.header("location") == "/hello")
        }
    }

    @Test func `limits and failures have their errors`() async throws {
        try await serving(router()) { url in
            let session = try HTTPSession()
            await #expect(throws: HTTPClientError.responseTooLarge(maximumBytes: 1_000)) {
                try await session.send(HTTPClientRequest(url: "\(url)/stream/1001", maximumResponseBytes: 1_000))
            }
            await #expect(throws: HTTPClientError.timedOut) {
                try await session.send(HTTPClientRequest(url: "\(url)/never", timeoutSeconds: 0.2))
            }
            await #expect(throws: HTTPClientError.connectionLost) {
                try await session.send(HTTPClientRequest(url: "\(url)/short"))
            }
            await #expect(throws: HTTPClientError.connectFailed) {
                try await session.send(HTTPClientRequest(url: "http://127.0.0.1:1/"))
            }
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://a\r\nb/", "nonsense://"])
    func `other protocols and control characters in a URL are refused`(url: String) async throws {
        let error = await #expect(throws: HTTPClientError.self) {
            try await HTTPSession().send(HTTPClientRequest(url: url))
        }
        guard case .invalidRequest = error else {
            Issue.record("not refused as invalid")
            return
        }
    }

    @Test(arguments: [("X-A", "a\r\nX-B: b"), ("X-A\r\nX-B", "b"), ("", "b"), ("X A", "b")])
    func `a header that is no header is refused`(name: String, value: String) async throws {
        await #expect(throws: HTTPClientError.self) {
            try await HTTPSession().send(HTTPClientRequest(url: "http://127.0.0.1:1/", headers: [(name, value)]))
        }
    }

    @Test func `a cancelled task leaves at once and the session goes on`() async throws {
        try await serving(router()) { url in
            let session = try HTTPSession()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: HTTPClientError.cancelled) {
                        try await session.send(HTTPClientRequest(url: "\(url)/never", timeoutSeconds: 3_600))
                    }
                }
                group.cancelAll()
            }
            #expect(try await session.send(HTTPClientRequest(url: "\(url)/hello")).status == 200)
        }
    }

    @Test func `the trace goes along only when asked`() async throws {
        try await serving(router()) { url in
            let session = try HTTPSession()
            let id = try #require(CorrelationID("order-7"))
            let scope = TraceScope(correlationID: id, traceContext: .root())
            var request = HTTPClientRequest(url: "\(url)/trace")
            let silent = try await Trace.$current.withValue(scope) { try await session.send(request) }
            #expect(String(decoding: silent.body, as: UTF8.self) == "- -")
            request.propagatesTrace = true
            let told = try await Trace.$current.withValue(scope) { [request] in try await session.send(request) }
            #expect(String(decoding: told.body, as: UTF8.self) == "\(scope.traceContext.traceparent) order-7")
        }
    }

    @Test func `a slow reader of a stream holds the server back`() async throws {
        let produced = Atomic<Int>(0)
        var router = Router()
        router.on(.get, "/big") { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: 50_000_000) { maximum in
                    produced.add(maximum, ordering: .relaxed)
                    return [UInt8](repeating: 0x61, count: maximum)
                })
        }
        try await serving(router) { url in
            let session = try HTTPSession()
            let request = HTTPClientRequest(url: "\(url)/big", maximumResponseBytes: 50_000_000)
            let stream = try await session.stream(request)
            #expect(stream.status == 200 && stream.header("content-length") == "50000000")
            var received = 0
            for try await chunk in stream {
                received += chunk.count
                await Task.yield()
                #expect(produced.load(ordering: .relaxed) - received < 16_000_000)
            }
            #expect(received == 50_000_000)
            do {
                let abandoned = try await session.stream(request)
                let first = try await abandoned.nextChunk()
                #expect(first != nil)
            }
            await #expect(throws: HTTPClientError.responseTooLarge(maximumBytes: 7)) {
                _ = try await session.stream(HTTPClientRequest(url: "\(url)/big", maximumResponseBytes: 7))
            }
        }
    }

    @Test func `2,000 requests at once share the kept-alive connections`() async throws {
        try await serving(router()) { url in
            let session = try HTTPSession()
            let good = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<2_000 {
                    group.addTask { try await session.send(HTTPClientRequest(url: "\(url)/hello")).status }
                }
                return try await group.reduce(0) { $0 + ($1 == 200 ? 1 : 0) }
            }
            #expect(good == 2_000)
        }
    }
}
