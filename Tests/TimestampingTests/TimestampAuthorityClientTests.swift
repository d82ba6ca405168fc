// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import HTTPServer
import Testing
import Timestamping

@Suite struct TimestampAuthorityClientTests {
    private static let good: TimestampStage.Answer = { request, responder in
        TimestampStage.granted(try responder.response(to: request))
    }

    @Test(arguments: [DigestAlgorithm.sha256, .sha384, .sha512])
    func `a good token comes back with the imprint asked for`(algorithm: DigestAlgorithm) async throws {
        let stage = try TimestampStage()
        let imprint = algorithm.digest(of: Array("stamped".utf8))
        try await stage.serving([Self.good]) { urls in
            let client = try stage.client(urls, policy: TimestampStage.policy) { $0.algorithm = algorithm }
            let before = client.reservedBytes
            let token = try await client.token(imprint: imprint, budgetSeconds: 20)
            #expect(token.imprint == imprint && token.imprintAlgorithm == algorithm)
            #expect(token.time == TimestampStage.now && token.verifySignature())
            #expect(client.reservedBytes >= token.der.count && client.reservedBytes < before)
        }
    }

    @Test func `without time or authorities nobody is asked`() async throws {
        let stage = try TimestampStage()
        let calls = Counter()
        let counted: TimestampStage.Answer = { _, _ in
            calls.next()
            return .text("")
        }
        try await stage.serving([counted]) { urls in
            await #expect(throws: TimestampError.notAsked) {
                try await stage.client(urls).token(imprint: TimestampStage.imprint, budgetSeconds: 0)
            }
        }
        #expect(calls.count == 0)
        await #expect(throws: TimestampError.noAuthority) {
            try await stage.client([]).token(imprint: TimestampStage.imprint, budgetSeconds: 1)
        }
    }

    @Test func `a token for another request, another digest or another policy is refused`() async throws {
        let stage = try TimestampStage()
        let nonce = try await stage.failure { _, responder in
            let other = try TimestampRequest(algorithm: .sha256, imprint: TimestampStage.imprint)
            return TimestampStage.granted(try responder.response(to: other.der))
        }
        #expect(nonce == .wrongNonce)
        let imprint = try await stage.failure { request, responder in
            var changed = request
            let start = try #require(request.ranges(of: TimestampStage.imprint).first?.lowerBound)
            changed[start] ^= 1
            return TimestampStage.granted(try responder.response(to: changed))
        }
        #expect(imprint == .wrongImprint)
        let policy = try await stage.failure(Self.good, policy: "1.2.3.4")
        #expect(policy == .refused(failure: 15))
    }

    @Test func `LTV-06: a wrong signature, an implausible time and an untrusted authority are refused`() async throws {
        let stage = try TimestampStage()
        let signature = try await stage.failure { request, responder in
            var response = try responder.response(to: request)
            response[response.count - 1] ^= 1
            return TimestampStage.granted(response)
        }
        #expect(signature == .wrongSignature)
        let late = try TimestampStage(responderTime: TimestampStage.now.advanced(bySeconds: 400))
        #expect(try await late.failure(Self.good) == .wrongTime)
        let expired = try TimestampStage(expires: TimestampStage.now.advanced(bySeconds: -60))
        #expect(try await expired.failure(Self.good) == .wrongTime)
        let other = try TimestampStage()
        let untrusted = try await stage.failure { [responder = other.responder] request, _ in
            TimestampStage.granted(try responder.response(to: request))
        }
        #expect(untrusted == .untrusted)
    }

    @Test func `garbage, too much of it, and HTTP errors are named`() async throws {
        let stage = try TimestampStage()
        for garbage in [[], [0x30, 0x03, 0x02, 0x01, 0x00], Array("<html>".utf8), SecureRandom.bytes(5_000)] {
            #expect(try await stage.failure { _, _ in TimestampStage.granted(garbage) } == .unreadable)
        }
        let oversized = try await stage.failure { request, responder in
            TimestampStage.granted(try responder.response(to: request) + [UInt8](repeating: 0, count: 65_536))
        }
        #expect(oversized == .transport(.responseTooLarge(maximumBytes: 65_536)))
        for status in [302, 400, 401, 404, 429, 500, 503] {
            #expect(try await stage.failure { _, _ in HTTPResponse(status: status) } == .status(status))
        }
    }

    @Test func `RES-01: an authority that does not answer costs only the time it is given`() async throws {
        let stage = try TimestampStage()
        let never: TimestampStage.Answer = { _, _ in
            try await Task.sleep(for: .seconds(3_600))
            return .text("")
        }
        #expect(try await stage.failure(never, timeout: 0.3) == .transport(.timedOut))
        try await stage.serving([never, Self.good]) { urls in
            let client = try stage.client(urls) { $0.authorities[0].timeoutSeconds = 0.3 }
            #expect(try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20).verifySignature())
        }
        await #expect(throws: TimestampError.exhausted([.transport(.connectFailed)])) {
            try await stage.client(["http://127.0.0.1:1/"]).token(imprint: TimestampStage.imprint, budgetSeconds: 20)
        }
    }

    @Test func `a passing failure is tried again while there is time`() async throws {
        let stage = try TimestampStage()
        let calls = Counter()
        let second: TimestampStage.Answer = { request, responder in
            if calls.next() == 1 { return HTTPResponse(status: 500) }
            return TimestampStage.granted(try responder.response(to: request))
        }
        try await stage.serving([second]) { urls in
            let client = try stage.client(urls) { $0.maximumRounds = 2 }
            #expect(try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20).verifySignature())
        }
        #expect(calls.count == 2)
    }

    @Test func `an authority that keeps failing rests, is probed once, and is used again`() async throws {
        let stage = try TimestampStage()
        let calls = Counter()
        let isUp = Counter()
        let answer: TimestampStage.Answer = { request, responder in
            calls.next()
            if isUp.count == 0 { return HTTPResponse(status: 500) }
            return TimestampStage.granted(try responder.response(to: request))
        }
        try await stage.serving([answer]) { urls in
            let client = try stage.client(urls)
            for _ in 0..<3 {
                await #expect(throws: TimestampError.exhausted([.status(500)])) {
                    try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
                }
            }
            await #expect(throws: TimestampError.exhausted([.resting])) {
                try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
            }
            #expect(calls.count == 3)
            stage.clock.advance(bySeconds: 11)
            await #expect(throws: TimestampError.exhausted([.status(500)])) {
                try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
            }
            stage.clock.advance(bySeconds: 11)
            // The second rest is twice as long.
            await #expect(throws: TimestampError.exhausted([.resting])) {
                try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
            }
            stage.clock.advance(bySeconds: 10)
            isUp.next()
            _ = try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
            _ = try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
        }
        #expect(calls.count == 6)
    }

    @Test func `an authority that asks to be left alone is, and the next one serves`() async throws {
        let stage = try TimestampStage()
        let calls = Counter()
        let busy: TimestampStage.Answer = { _, _ in
            calls.next()
            return HTTPResponse(status: 429, headers: [("Retry-After", "120")])
        }
        try await stage.serving([busy, Self.good]) { urls in
            let client = try stage.client(urls)
            for _ in 0..<3 { _ = try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20) }
            #expect(calls.count == 1)
            stage.clock.advance(bySeconds: 121)
            _ = try await client.token(imprint: TimestampStage.imprint, budgetSeconds: 20)
            #expect(calls.count == 2)
        }
    }

    @Test func `no message of an error names an address`() {
        let error = TimestampError.exhausted([.transport(.connectFailed), .status(400), .refused(failure: nil)])
        #expect(!"\(error)".contains("http://") && "\(error)".contains("authority 2 answered with HTTP status 400"))
    }
}
