// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import HTTPServer
import Logging
import Metrics
import Revocation
import ServiceKit
import Synchronization

/// An authority on loopback whose answers a test can replace, path by path.
final class RevocationStage: Sendable {
    struct State {
        var answers: [String: HTTPResponse] = [:]
        var calls: [String] = []
        var revoked: [RevokedCertificate] = []
    }

    static let now = Instant(microseconds: 1_795_176_000_000_000)

    let clock = ManualClock(now)
    let root: Certificate
    let issuing: Certificate
    let leaf: Certificate
    let responder: Certificate
    private let rootKey: PrivateKey
    private let issuingKey: PrivateKey
    private let responderKey: PrivateKey
    private let state = Mutex(State())
    private let listener: HTTPListener

    private init(hasNoCheck: Bool, leafAddresses: CertificateAddresses?) throws {
        let handler = Handler()
        var router = Router()
        for path in ["/ocsp", "/issuing.crl", "/root.crl", "/issuing.cer", "/root.cer"] {
            router.on(.get, path) { try await handler.answer($0) }
            router.on(.post, path) { try await handler.answer($0) }
        }
        router.on(.get, "/ocsp/{request}") { _ in HTTPResponse(status: 405) }
        var configuration = HTTPListenerConfiguration(name: "test", maximumBodyBytes: 65_536)
        configuration.drainSeconds = 0.05
        listener = try HTTPListener(configuration, router: router, logger: .disabled, metrics: MetricsRegistry())
        let url = "http://127.0.0.1:\(listener.port)"
        let first = Self.now.advanced(bySeconds: -86_400)
        let last = Self.now.advanced(bySeconds: 86_400 * 365)
        func builder(
            _ name: String, _ profile: CertificateBuilder.Profile, _ addresses: CertificateAddresses
        ) -> CertificateBuilder {
            var builder = CertificateBuilder(
                subject: DistinguishedName(commonName: name), profile: profile, notBefore: first, notAfter: last)
            builder.addresses = addresses
            return builder
        }
        rootKey = try PrivateKey.generate(.p256)
        issuingKey = try PrivateKey.generate(.p256)
        responderKey = try PrivateKey.generate(.p256)
        root = try builder("Test root", .root, CertificateAddresses()).selfSigned(by: rootKey)
        issuing = try builder(
            "Test issuing", .issuingAuthority,
            CertificateAddresses(issuers: ["\(url)/root.cer"], revocationLists: ["\(url)/root.crl"])
        ).issued(for: issuingKey.publicKey(), by: root, key: rootKey)
        let addresses =
            leafAddresses
            ?? CertificateAddresses(
                ocsp: ["\(url)/ocsp"], issuers: ["\(url)/issuing.cer"], revocationLists: ["\(url)/issuing.crl"])
        leaf = try builder("Test signer", .documentSigning, addresses).issued(
            for: PrivateKey.generate(.p256).publicKey(), by: issuing, key: issuingKey)
        responder = try builder(
            "Test responder", hasNoCheck ? .ocspResponder : .checkedResponder,
            CertificateAddresses(revocationLists: ["\(url)/issuing.crl"])
        ).issued(for: responderKey.publicKey(), by: issuing, key: issuingKey)
        handler.stage.withLock { $0 = self }
    }

    @discardableResult
    static func run<Result: Sendable>(
        hasNoCheck: Bool = true, leafAddresses: CertificateAddresses? = nil,
        _ body: @Sendable (RevocationStage) async throws -> Result
    ) async throws -> Result {
        let stage = try RevocationStage(hasNoCheck: hasNoCheck, leafAddresses: leafAddresses)
        let shutdown = ShutdownSignal()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stage.listener.run(until: shutdown) }
            defer { shutdown.trigger() }
            return try await body(stage)
        }
    }

    func client(_ change: (inout RevocationConfiguration) -> Void = { _ in }) throws -> RevocationClient {
        var configuration = RevocationConfiguration(anchors: [root])
        configuration.refusesInternalAddresses = false
        change(&configuration)
        return RevocationClient(configuration, session: try HTTPSession(), clock: clock.clock)
    }

    /// What the client finds for the leaf, its issuing authority known.
    func data(_ client: RevocationClient? = nil) async throws -> ValidationData {
        try await (client ?? self.client()).validationData(for: leaf, candidates: [issuing], budgetSeconds: 20)
    }

    func answer(_ path: String, with response: HTTPResponse?) {
        state.withLock { $0.answers[path] = response }
    }

    func revoke(_ certificate: Certificate) {
        state.withLock {
            $0.revoked.append(
                RevokedCertificate(
                    serialDER: certificate.serialDER, time: Self.now.advanced(bySeconds: -60), reason: .keyCompromise))
        }
    }

    var calls: [String] { state.withLock { $0.calls } }

    func list(ofRoot: Bool, thisUpdate: Instant? = nil, issuedByOther: Bool = false) throws -> [UInt8] {
        let made = thisUpdate ?? clock.clock.now()
        return try RevocationListBuilder(
            thisUpdate: made, nextUpdate: made.advanced(bySeconds: 3_600), number: 1,
            entries: state.withLock { $0.revoked }
        ).issued(by: ofRoot != issuedByOther ? root : issuing, key: ofRoot != issuedByOther ? rootKey : issuingKey)
    }

    func status(_ request: [UInt8], signedBy signer: (Certificate, PrivateKey)? = nil) throws -> [UInt8] {
        try OCSPResponder(
            key: signer?.1 ?? responderKey, certificate: signer?.0 ?? responder, issuer: issuing, clock: clock.clock,
            validitySeconds: 600
        ).response(to: request, revoked: state.withLock { $0.revoked })
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fixed = state.withLock { state in
            state.calls.append("\(request.method.rawValue) \(request.path)")
            return state.answers[request.path]
        }
        if let fixed { return fixed }
        let bytes: [UInt8]
        switch request.path {
        case "/ocsp": bytes = try status(await request.body.collect(maximumBytes: 65_536))
        case "/root.crl": bytes = try list(ofRoot: true)
        case "/issuing.crl": bytes = try list(ofRoot: false)
        case "/root.cer": bytes = root.der
        default: bytes = issuing.der
        }
        return HTTPResponse(status: 200, body: .bytes(bytes))
    }

    /// The router is made before the stage that answers.
    private final class Handler: Sendable {
        let stage = Mutex<RevocationStage?>(nil)

        func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
            guard let stage = stage.withLock({ $0 }) else { return HTTPResponse(status: 500) }
            return try await stage.answer(request)
        }
    }
}
