// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import DevelopmentAuthorities
import Foundation
import HTTPClient
import HTTPServer
import Keys
import Logging
import Metrics
import PDFSigning
import PDFSyntax
import Revocation
import ServiceKit
import Timestamping

/// Development authorities on loopback during a test, and clients of them.
final class AuthorityStage: Sendable {
    let folder: String
    let authority: DevelopmentAuthority
    let session: HTTPSession
    let clock: BusinessClock
    private let listener: HTTPListener

    private init(clock: BusinessClock) throws {
        self.clock = clock
        folder = try Tool.temporaryFolder()
        // Certificates name the port before anything listens on it.
        let port = try Self.listener(port: 0, Router()).port
        try DevelopmentAuthority.create(
            at: folder + "/ca", address: "http://127.0.0.1:\(port)", now: clock.now(), ids: .uuidv7(clock: clock))
        authority = try DevelopmentAuthority(at: folder + "/ca")
        listener = try Self.listener(port: port, AuthorityRoutes(authority: authority, clock: clock).router)
        session = try HTTPSession()
        try Tool.write(Certificate.pem([authority.root]), to: folder + "/root.pem")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func listener(port: Int, _ router: Router) throws -> HTTPListener {
        var configuration = HTTPListenerConfiguration(name: "authorities", port: port, maximumBodyBytes: 65_536)
        configuration.drainSeconds = 0.05
        return try HTTPListener(configuration, router: router, logger: .disabled, metrics: MetricsRegistry())
    }

    @discardableResult
    static func run<Result: Sendable>(
        clock: BusinessClock = .system, _ body: @Sendable (AuthorityStage) async throws -> Result
    ) async throws -> Result {
        let stage = try AuthorityStage(clock: clock)
        let shutdown = ShutdownSignal()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stage.listener.run(until: shutdown) }
            defer { shutdown.trigger() }
            return try await body(stage)
        }
    }

    func credential(_ kind: KeyKind = .p256) throws -> SigningCredential {
        let (key, chain) = try authority.issueSeal(organization: "Example Ltd", kind: kind, now: clock.now())
        let algorithm: SignatureAlgorithm = kind == .p256 ? .ecdsaSHA256 : .rsaPKCS1SHA256
        return try SigningCredential(chain: chain, algorithm: algorithm) {
            try key.sign(digest: $0, algorithm: algorithm)
        }
    }

    func timestamps(
        _ algorithm: DigestAlgorithm = .sha256, url: String? = nil
    ) -> TimestampAuthorityClient {
        TimestampAuthorityClient(
            TimestampConfiguration(
                authorities: [TimestampAuthority(url: url ?? authority.address.map { $0 + "/timestamp" } ?? "")],
                algorithm: algorithm, anchors: [authority.root]), session: session, clock: clock)
    }

    func revocation() -> RevocationClient {
        var configuration = RevocationConfiguration(anchors: [authority.root])
        configuration.refusesInternalAddresses = false
        return RevocationClient(configuration, session: session, clock: clock)
    }

    func raising() -> LevelRaising { LevelRaising(timestamps: timestamps(), revocation: revocation()) }

    func signer(
        _ level: SignatureLevel, _ credential: SigningCredential, timestamps: TimestampAuthorityClient? = nil
    ) -> LevelSigner {
        LevelSigner(
            credential: credential, level: level, timestamps: timestamps ?? self.timestamps(), revocation: revocation(),
            timestampBudgetSeconds: 10, revocationBudgetSeconds: 10)
    }

    func request(_ field: String) -> SignatureRequest {
        SignatureRequest(
            fieldName: field, missingField: .add(nil), signerName: "Example Ltd", reason: nil,
            signingTime: clock.now())
    }

    /// The document with a signature of that level behind it.
    func signed(
        _ base: [UInt8], _ field: String = "first", to level: SignatureLevel, _ credential: SigningCredential
    ) async throws -> (document: [UInt8], revision: LevelledRevision) {
        let sink = ArraySink()
        let revision = try await signer(level, credential).sign(
            PDFDocument(source: ArraySource(base)), request: request(field), into: sink)
        return (await sink.bytes, revision)
    }
}

actor ArraySink: RevisionSink {
    private(set) var bytes: [UInt8] = []

    func append(_ bytes: [UInt8]) { self.bytes += bytes }
}
