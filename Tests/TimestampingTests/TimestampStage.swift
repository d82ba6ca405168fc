// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import HTTPServer
import Logging
import Metrics
import ServiceKit
import Synchronization
import Timestamping

/// An authority on loopback that answers as each test wants.
struct TimestampStage: Sendable {
    typealias Answer = @Sendable (_ request: [UInt8], _ responder: TimestampResponder) async throws -> HTTPResponse

    static let policy = "1.3.6.1.4.1.99999.1"
    static let imprint = SHA256.digest(of: Array("stamped".utf8))
    static let now = Instant(microseconds: 1_795_176_000_000_000)

    let root: Certificate
    let responder: TimestampResponder
    let clock = ManualClock(now)

    init(responderTime: Instant? = nil, expires: Instant = now.advanced(bySeconds: 86_400)) throws {
        let first = Self.now.advanced(bySeconds: -86_400)
        let rootKey = try PrivateKey.generate(.p256)
        root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Test root"), profile: .root, notBefore: first,
            notAfter: Self.now.advanced(bySeconds: 86_400)
        ).selfSigned(by: rootKey)
        let key = try PrivateKey.generate(.p256)
        let certificate = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Test TSA"), profile: .timestamping, notBefore: first,
            notAfter: expires
        ).issued(for: key.publicKey(), by: root, key: rootKey)
        let clock = responderTime.map { time in BusinessClock { time } } ?? self.clock.clock
        responder = try TimestampResponder(
            key: key, certificate: certificate, issuers: [], policy: Self.policy, clock: clock)
    }

    static func granted(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/timestamp-reply")], body: .bytes(bytes))
    }

    /// Serves one path per answer during the body, which gets their URLs.
    @discardableResult
    func serving<Result: Sendable>(
        _ answers: [Answer], _ body: @Sendable ([String]) async throws -> Result
    ) async throws -> Result {
        var router = Router()
        for (index, answer) in answers.enumerated() {
            router.on(.post, "/\(index)") { [responder] request in
                try await answer(await request.body.collect(maximumBytes: 65_536), responder)
            }
        }
        var configuration = HTTPListenerConfiguration(name: "test", maximumBodyBytes: 65_536)
        configuration.drainSeconds = 0.05
        let listener = try HTTPListener(configuration, router: router, logger: .disabled, metrics: MetricsRegistry())
        let shutdown = ShutdownSignal()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run(until: shutdown) }
            defer { shutdown.trigger() }
            return try await body(answers.indices.map { "http://127.0.0.1:\(listener.port)/\($0)" })
        }
    }

    func client(
        _ urls: [String], policy: String? = nil, timeout: Double = 5,
        _ change: (inout TimestampConfiguration) -> Void = { _ in }
    ) throws -> TimestampAuthorityClient {
        var configuration = TimestampConfiguration(
            authorities: urls.map { TimestampAuthority(url: $0, policy: policy, timeoutSeconds: timeout) },
            anchors: [root])
        configuration.maximumRounds = 1
        change(&configuration)
        return TimestampAuthorityClient(configuration, session: try HTTPSession(), clock: clock.clock)
    }

    /// What the client says about one authority that answers so.
    func failure(_ answer: @escaping Answer, policy: String? = nil, timeout: Double = 5) async throws
        -> TimestampFailure?
    {
        try await serving([answer]) { urls in
            let client = try client(urls, policy: policy, timeout: timeout)
            do throws(TimestampError) {
                _ = try await client.token(
                    imprint: Self.imprint, budgetSeconds: 20)
                return nil
            } catch {
                guard case .exhausted(let failures) = error else { throw error }
                return failures.first
            }
        }
    }
}

/// Counts calls.
final class Counter: Sendable {
    private let value = Mutex(0)

    @discardableResult
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }

    var count: Int { value.withLock { $0 } }
}
