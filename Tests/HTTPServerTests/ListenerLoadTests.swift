// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPServer
import ServiceKit
import Testing

/// Run one after the other, because each takes all cores.
@Suite(.serialized)
struct ListenerLoadTests {
    @Test func `API-02: an upload of 104,857,600 bytes arrives whole, in pieces`() async throws {
        var router = Router()
        router.on(.post, "/upload") { request in
            var size = 0
            for try await chunk in request.body.chunks() {
                size += chunk.count
                #expect(chunk.count <= 262_144)
            }
            return .text("size \(size)")
        }
        try await ListenerHarness.serving(router) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 104857600\r\n\r\n")
            try await client.send([UInt8](repeating: 0x78, count: 65_536), repeating: 1_600)
            #expect(try await client.receive(until: "size 104857600").contains("200 OK"))
        }
    }

    @Test func `a reader that stops reading stops the client`() async throws {
        let mayRead = Shared(false)
        let sent = Shared(0)
        var router = Router()
        router.on(.post, "/upload") { request in
            var size = 0
            for try await chunk in request.body.chunks() {
                size += chunk.count
                while !mayRead.value { try await Task.sleep(for: .milliseconds(2)) }
            }
            return .text("size \(size)")
        }
        try await ListenerHarness.serving(router) { harness in
            let client = try RawClient(port: harness.listener.port)
            try await client.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 65536000\r\n\r\n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<1_000 {
                        try await client.send([UInt8](repeating: 0x78, count: 65_536))
                        sent.change { $0 += 65_536 }
                    }
                }
                // The sender stands still once the kernel's buffers are full.
                var last = -1
                var standstills = 0
                while standstills < 20 {
                    let now = sent.value
                    standstills = now == last ? standstills + 1 : 0
                    last = now
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(last < 32_000_000)
                mayRead.set(true)
                try await group.waitForAll()
            }
            #expect(try await client.receive(until: "size 65536000").contains("200 OK"))
        }
    }

    @Test func `2,000 kept-alive connections are all answered, again and again`() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_max >= 5_000)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var router = Router()
        router.on(.get, "/n/{n}") { request in
            await Task.yield()
            return .text("<\(request.pathParameters["n"] ?? "")>")
        }
        try await ListenerHarness.serving(router) {
            $0.connectionMemoryBytes = 32_768
        } _: { harness in
            let clients = try (0..<2_000).map { _ in try RawClient(port: harness.listener.port) }
            for round in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, client) in clients.enumerated() {
                        let number = round * 2_000 + index
                        group.addTask { try await client.send("GET /n/\(number) HTTP/1.1\r\nHost: h\r\n\r\n") }
                    }
                    try await group.waitForAll()
                }
                for (index, client) in clients.enumerated() {
                    let number = round * 2_000 + index
                    #expect(try await client.receive(until: "<\(number)>").hasPrefix("HTTP/1.1 200"))
                }
            }
        }
    }
}
