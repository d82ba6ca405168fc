// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Logging
import Metrics
import ServiceKit
import Synchronization
import Testing
import Tracing

struct HTTPListenerTests {
    private struct Broken: Error {}

    private func router() -> Router {
        var router = Router()
        router.on(.get, "/hello/{name}") { request in
            .text("hello \(request.pathParameters["name"] ?? "") \(request.queryValue("q") ?? "-")")
        }
        router.on(.post, "/echo") { request in
            HTTPResponse(status: 200, body: .bytes(try await request.body.collect(maximumBytes: 4_000_000)))
        }
        router.on(.post, "/small") { request in
            .text("\(try await request.body.collect(maximumBytes: 10).count)")
        }
        router.on(.post, "/refuse") { _ in .text("refused", status: 401) }
        router.on(.get, "/trace") { _ in .text(Trace.current?.traceContext.traceparent ?? "none") }
        router.on(.get, "/broken") { _ in throw Broken() }
        router.on(.get, "/stream/{length}") { request in
            let length = Int(request.pathParameters["length"] ?? "") ?? 0
            return HTTPResponse(status: 200, body: .stream(length: length) { Array(repeating: 0x61, count: $0) })
        }
        router.on(.get, "/short") { _ in
            HTTPResponse(status: 200, body: .stream(length: 10) { _ in [] })
        }
        router.on(.get, "/header-injection") { _ in
            HTTPResponse(status: 200, headers: [("X-A", "a\r\nX-B: b")])
        }
        return router
    }

    private func exchange(
        _ text: String, until end: String = "\r\n\r\n", configure: (inout HTTPListenerConfiguration) -> Void = { _ in }
    ) async throws -> String {
        try await ListenerHarness.serving(router(), configure: configure) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send(text)
            return try await client.receive(until: end)
        }
    }

    @Test func `requests follow one another on a connection`() async throws {
        try await ListenerHarness.serving(router()) { harness in
            let client = try RawClient(port: harness.listener.port)
            for name in ["a", "b"] {
                try await client.send("GET /hello/\(name)%20x?q=1%2B+%C3%A9 HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.receive(until: "1+ é").contains("hello \(name) x 1+ é"))
            }
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            #expect(try await client.receive(until: "abc").hasPrefix("HTTP/1.1 200 OK"))
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n2\r\n12\r\n0\r\n\r\n")
            #expect(try await client.receive(until: "xyz12").contains("\r\n\r\nxyz12"))
            let requests = harness.metrics.counter(
                "paraph_http_requests_total", "", labels: ["route", "method", "status"])
            #expect(await eventually { requests.value("/echo", "POST", "200") == 2 })
        }
    }

    @Test func `HEAD has the headers of GET and no body`() async throws {
        for path in ["/hello/a", "/stream/7"] {
            let head = try await exchange(
                "HEAD \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", until: "\u{0}")
            #expect(head.contains("Content-Length: \(path == "/hello/a" ? 9 : 7)\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [
        ("GET /hello/%zz HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        ("GET /hello/a?q=%ff HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        ("GET /hello/a\r\n\r\n", "400"),
        ("GET /hello/a HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", "400"),
        ("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "400"),
        ("GET /hello/a HTTP/1.1\r\n\r\n", "400"),
        ("GET /none HTTP/1.1\r\nHost: h\r\n\r\n", "404"), ("PUT /echo HTTP/1.1\r\nHost: h\r\n\r\n", "405"),
        ("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
        ("GET /hello/a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "400"),
        ("GET /hello/a HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n", "431"),
        ("GET /hello/a HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 400_000))\r\n\r\n", "431"),
        ("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n", "500"),
    ])
    func `a request that cannot be served gets its status`(text: String, status: String) async throws {
        #expect(try await exchange(text).hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test func `absolute-form targets reach their route`() async throws {
        let answer = try await exchange("GET http://h/hello/z HTTP/1.1\r\nHost: h\r\n\r\n", until: "hello z")
        #expect(answer.hasPrefix("HTTP/1.1 200"))
    }

    // MARK: Bodies

    @Test func `API-02: too large a content length is refused before the body`() async throws {
        let answer = try await exchange("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 200000000\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 413"))
    }

    @Test func `too large a chunked body is drained and refused, and the connection lives on`() async throws {
        try await ListenerHarness.serving(router()) {
            $0.maximumBodyBytes = 100_000
        } _: { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await client.send(Array("10000\r\n\(String(repeating: "x", count: 65_536))\r\n".utf8), repeating: 40)
            try await client.send("0\r\n\r\n")
            #expect(try await client.receive(until: "413\n").hasPrefix("HTTP/1.1 413"))
            try await client.send("GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.receive(until: "hello a").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `more than the drain limit closes the connection`() async throws {
        try await ListenerHarness.serving(router()) {
            $0.maximumBodyBytes = 1_000
        } _: { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            await #expect(throws: RawClient.Failure.self) {
                let piece = Array("10000\r\n\(String(repeating: "x", count: 65_536))\r\n".utf8)
                try await client.send(piece, repeating: 2_000)
            }
        }
    }

    @Test func `a handler's own limit answers 413`() async throws {
        let answer = try await exchange("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n01234567890")
        #expect(answer.hasPrefix("HTTP/1.1 413"))
    }

    @Test func `a client that expects 100 is told to go on only when its body is wanted`() async throws {
        try await ListenerHarness.serving(router()) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            try await client.send("ok")
            #expect(try await client.receive(until: "ok").contains("HTTP/1.1 200"))
            try await client.send(
                "POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.receive(until: "refused").hasPrefix("HTTP/1.1 401"))
        }
    }

    @Test func `an early answer waits for the rest of the body and keeps the connection`() async throws {
        try await ListenerHarness.serving(router()) { harness in
            let client = try RawClient(port: harness.listener.port)
            for _ in 0..<2 {
                try await client.send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n")
                try await client.send([UInt8](repeating: 0x78, count: 2_000_000))
                #expect(try await client.receive(until: "refused").hasPrefix("HTTP/1.1 401"))
            }
        }
    }

    @Test func `a client that goes away ends the body with an error, not the handler`() async throws {
        let outcome = Mutex<(error: (any Error)?, finished: Bool)>((nil, false))
        var router = Router()
        router.on(.post, "/upload") { request in
            do {
                for try await _ in request.body.chunks() {}
            } catch {
                // Work after the loss goes on undisturbed.
                try await Task.sleep(for: .milliseconds(5))
                outcome.withLock { $0 = (error, !Task.isCancelled) }
                throw error
            }
            return .text("whole")
        }
        try await ListenerHarness.serving(router) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc")
            client.reset()
            #expect(await eventually { outcome.withLock { $0.finished } })
        }
        #expect(outcome.withLock { $0.error as? HTTPServerError } == .bodyIncomplete)
    }

    // MARK: Streamed answers

    @Test func `a streamed answer has its length and all its bytes`() async throws {
        let answer = try await exchange(
            "GET /stream/3000000 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", until: "\u{0}")
        #expect(answer.contains("Content-Length: 3000000\r\n"))
        #expect(answer.utf8.suffix(3_000_000).allSatisfy { $0 == 0x61 })
        #expect(answer.hasSuffix("a"))
    }

    @Test func `a stream that ends early closes the connection`() async throws {
        let answer = try await exchange("GET /short HTTP/1.1\r\nHost: h\r\n\r\n", until: "\u{0}")
        #expect(answer.contains("Content-Length: 10\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `a slow client holds the reader of a streamed answer back`() async throws {
        let produced = Atomic<Int>(0)
        var router = Router()
        router.on(.get, "/big") { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: 60_000_000) { maximum in
                    produced.add(maximum, ordering: .relaxed)
                    return [UInt8](repeating: 0x61, count: maximum)
                })
        }
        try await ListenerHarness.serving(router) { harness in
            let client = try RawClient(port: harness.listener.port, receiveBufferBytes: 65_536)
            try await client.send("GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            var received = 0
            while true {
                let chunk = try await client.receive(1_000_000)
                if chunk.isEmpty { break }
                received += chunk.count
                // The kernel's own buffers take some megabytes.
                #expect(produced.load(ordering: .relaxed) - received < 16_000_000)
            }
            #expect(received > 60_000_000)
        }
    }

    @Test func `a line break never gets into an answer's headers`() async throws {
        #expect(!(try await exchange("GET /header-injection HTTP/1.1\r\nHost: h\r\n\r\n").contains("X-B")))
    }

    // MARK: Trace, log, stop

    @Test func `a valid correlation id and trace are taken over, others replaced`() async throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let taken = try await exchange(
            "GET /trace HTTP/1.1\r\nHost: h\r\nX-Correlation-Id: order-7\r\ntraceparent: \(trace)\r\n\r\n", until: "-01"
        )
        #expect(taken.contains("X-Correlation-Id: order-7\r\n"))
        #expect(taken.contains("\r\n\r\n00-0af7651916cd43dd8448eb211c80319c-"))
        #expect(!taken.contains("b7ad6b7169203331"))
        let made = try await exchange("GET /trace HTTP/1.1\r\nHost: h\r\nX-Correlation-Id: a b\r\n\r\n", until: "-01")
        #expect(made.contains("X-Correlation-Id: ") && !made.contains("a b"))
    }

    @Test func `the log has the route's template, never the path`() async throws {
        try await ListenerHarness.serving(router()) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send(
                "GET /hello/secret-token?q=private HTTP/1.1\r\nHost: h\r\nX-Correlation-Id: c1\r\n\r\n")
            _ = try await client.receive(until: "private")
            try await client.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.receive(until: "500\n")
            #expect(await eventually { harness.log.all.contains { $0.level == .error } })
            let lines = harness.log.all.map { "\($0)" }.joined()
            #expect(lines.contains("/hello/{name}") && lines.contains("c1"))
            #expect(!lines.contains("secret-token") && !lines.contains("private") && !lines.contains("127.0.0.1"))
        }
    }

    @Test func `a stopping listener finishes the request in hand and refuses new ones`() async throws {
        let entered = Atomic<Bool>(false)
        let mayEnd = Atomic<Bool>(false)
        var router = Router()
        router.on(.get, "/wait") { _ in
            entered.store(true, ordering: .relaxed)
            while !mayEnd.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(2)) }
            return .text("done")
        }
        try await ListenerHarness.serving(router) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await eventually { entered.load(ordering: .relaxed) })
            harness.shutdown.trigger()
            #expect(await eventually { (try? RawClient(port: harness.listener.port)) == nil })
            mayEnd.store(true, ordering: .relaxed)
            let answer = try await client.receiveToEnd()
            #expect(answer.hasSuffix("done"))
            #expect(answer.contains("Connection: close"))
        }
    }

    @Test func `a request past the drain deadline is cancelled, on either side of its answer`() async throws {
        let entered = Atomic<Int>(0)
        var router = Router()
        router.on(.post, "/stuck") { request in
            entered.add(1, ordering: .relaxed)
            _ = try await request.body.collect(maximumBytes: 100)
            try await Task.sleep(for: .seconds(3_600))
            return .text("never")
        }
        router.on(.get, "/stuck") { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: 100) { _ in
                    entered.add(1, ordering: .relaxed)
                    try await Task.sleep(for: .seconds(3_600))
                    return []
                })
        }
        try await ListenerHarness.serving(router) {
            $0.drainSeconds = 0.05
        } _: { harness in
            let clients = try (0..<3).map { _ in try RawClient(port: harness.listener.port) }
            try await clients[0].send("POST /stuck HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
            try await clients[1].send("POST /stuck HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            try await clients[2].send("GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await eventually { entered.load(ordering: .relaxed) == 3 })
            harness.shutdown.trigger()
            #expect(!(try await clients[1].receiveToEnd().contains("never")))
        }
    }

    @Test func `a silent client is disconnected after the timeout`() async throws {
        try await ListenerHarness.serving(router()) {
            $0.requestTimeoutSeconds = 1
        } _: { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
            #expect(try await client.receiveToEnd() == "")
        }
    }

    @Test func `a port in use is reported while the program is put together`() throws {
        let first = try ListenerHarness(Router())
        #expect(throws: HTTPServerError.listenFailed(operation: "bind", errno: 98)) {
            _ = try ListenerHarness(Router()) { $0.port = first.listener.port }
        }
    }
}
