// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import DevelopmentAuthorities
import Envelopes
import Foundation
import HTTPClient
import HTTPServer
import Keys
import Logging
import Messaging
import Metrics
import Postgres
import Revocation
import ServiceKit
import Storage
import TestSupport
import Timestamping
import Tracing

@testable import Signer

/// The signer's handler over a database, an object store and keys of its own, with jobs given by hand.
final class SignerFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let database: TestDatabase
    let pool: PostgresPool
    let clock = ManualClock(SignerFixture.start)
    let ids = IDSource.uuidv7(clock: .system)
    let metrics = MetricsRegistry()
    let logs = MemoryLogWriter()
    let root: String
    let tenant: TenantID
    let installation: DevelopmentKeys
    let store: FilesystemObjectStore
    let outbox: OutboxWriter
    let handler: SigningJobHandler
    let policy: PolicyDecision
    /// Of the development authorities that certified the seal; nobody listens there unless a test does.
    let authorityPort: Int

    init(kind: KeyKind = .rsa(bits: 2048), level: PAdESLevel = .basic, budgetSeconds: Double = 10) async throws {
        policy = PolicyDecision(
            policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: level)
        authorityPort = try Self.listener(port: 0, Router()).port
        database = try await TestPostgres.database()
        try await database.migrate(
            .signer, [("messaging", MessagingMigrations.all), ("signing", SignerMigrations.all)])
        let owner = database.ownerPool(of: .signer)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.signer, size: 6)
        root = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-signer-\(UUID())").path
        tenant = TenantID(ids.next())
        installation = try DevelopmentKeys.create(
            at: root + "/keys", authorityAddress: "http://127.0.0.1:\(authorityPort)", clock: clock.clock, ids: ids)
        try installation.addTenant(tenant.uuid, organization: "Example", kind: kind)
        let folder = try KeyStore(folder: root + "/keys/signer")
        store = try FilesystemObjectStore(root: root + "/objects", keys: folder.dataKeys(ids: ids))
        outbox = OutboxWriter(producer: "signing", clock: clock.clock, wakeUp: WakeUp(pool: pool))
        let maker = RevisionMaker(
            store: store,
            seals: try TenantSeals(
                keys: folder, clock: clock.clock, logger: logs.logger,
                keyOperations: metrics.counter("paraph_keys_total", "Uses.")), notes: SignatureNotes(pool: pool),
            authorities: try Self.authorities(authorityPort, budgetSeconds, clock.clock, metrics), clock: clock.clock)
        handler = SigningJobHandler(
            pool: SigningPool(maker: maker, threads: 2, depth: metrics.gauge("paraph_depth", "Depth.")),
            instance: "test", clock: clock.clock, ids: ids,
            signatures: metrics.counter("paraph_signatures_total", "Jobs.", labels: ["outcome", "code"]),
            raises: metrics.counter("paraph_raises_total", "Attempts.", labels: ["outcome"]))
    }

    private static func authorities(
        _ port: Int, _ budgetSeconds: Double, _ clock: BusinessClock, _ metrics: MetricsRegistry
    ) throws -> SigningAuthorities {
        var revocation = RevocationConfiguration()
        revocation.refusesInternalAddresses = false
        var timestamps = TimestampConfiguration(
            authorities: [TimestampAuthority(url: "http://127.0.0.1:\(port)\(AuthorityPath.timestamp)")])
        timestamps.maximumRounds = 1
        timestamps.failuresBeforeRest = 100
        return SigningAuthorities(
            timestamps: timestamps, revocation: revocation, budgetSeconds: budgetSeconds, session: try HTTPSession(),
            clock: clock,
            outcomes: metrics.counter("paraph_timestamps_total", "Timestamps.", labels: ["outcome"]))
    }

    private static func listener(port: Int, _ router: Router) throws -> HTTPListener {
        var configuration = HTTPListenerConfiguration(name: "authorities", port: port, maximumBodyBytes: 65_536)
        configuration.drainSeconds = 0.05
        return try HTTPListener(configuration, router: router, logger: .disabled, metrics: MetricsRegistry())
    }

    /// Lets the development authorities answer while the body runs.
    func withAuthorities(_ body: @Sendable () async throws -> Void) async throws {
        let authority = try DevelopmentAuthority(at: root + "/keys/ca")
        let listener = try Self.listener(
            port: authorityPort, AuthorityRoutes(authority: authority, clock: clock.clock).router)
        let shutdown = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run(until: shutdown) }
            defer { shutdown.trigger() }
            try await body()
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Does what the consumer loop does with a batch; with `losing` the process dies before the second transaction.
    @discardableResult
    func deliver(_ messages: [InboundMessage], losing: Bool = false) async throws -> [SigningResult] {
        let work = try await pool.withTransaction { try await handler.intend(messages, in: $0) }
        let results = try await handler.perform(work)
        if losing { return results }
        try await pool.withTransaction { transaction in
            let acts = try await handler.record(results, of: messages, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
        }
        return results
    }

    // MARK: - Jobs

    /// One envelope with one document and one signer.
    struct Case {
        let envelope: EnvelopeID
        let document: DocumentID
        let request: RequestID
        let signature: NamedField
        let text: NamedField
    }

    func newCase() -> Case {
        func field(_ name: String, _ type: FieldType, y: Double) -> NamedField {
            NamedField(
                name: name,
                field: FieldPlacement(
                    fieldID: FieldID(ids.next()), key: name, documentIndex: 0, pageNumber: 1, x: 20, y: y, width: 180,
                    height: 40, fieldType: type, isRequired: true))
        }
        return Case(
            envelope: EnvelopeID(ids.next()), document: DocumentID(ids.next()), request: RequestID(ids.next()),
            signature: field("sig1", .signature, y: 20), text: field("text1", .text, y: 80))
    }

    func original(_ bytes: [UInt8] = SignerFixture.onePage) async throws -> ObjectReference {
        try await store.put(bytes, tenant: tenant.uuid, artifact: ids.next(), area: .working).reference
    }

    func preparation(_ the: Case, of source: ObjectReference) -> PrepareDocumentV1 {
        PrepareDocumentV1(
            tenantID: tenant, envelopeID: the.envelope, documentID: the.document, documentIndex: 0,
            jobID: JobID(ids.next()), source: source, artifactID: ArtifactID(ids.next()), version: 1,
            preparedAt: clock.clock.now(), title: "Offer", organisation: "Example GmbH", policy: policy,
            signers: [
                SignerFields(
                    requestID: the.request, orderIndex: 1, name: "Zoë Miller", signatureField: the.signature.name,
                    fields: [the.signature, the.text])
            ])
    }

    func signing(
        _ the: Case, of base: ObjectReference, prepared: ObjectReference? = nil, version: Int = 2
    ) throws -> SignDocumentV1 {
        SignDocumentV1(
            tenantID: tenant, envelopeID: the.envelope, documentID: the.document, requestID: the.request,
            jobID: JobID(ids.next()), version: version, artifactID: ArtifactID(ids.next()), prepared: prepared ?? base,
            base: base, signingTime: clock.clock.now(),
            signer: SignerIdentity(
                name: "Zoë Miller", organisation: "Example GmbH", method: .platformSeal, authMethod: .emailLink,
                meaning: "I agree and sign"), signatureField: the.signature.name,
            values: [NamedValue(name: the.text.name, fieldType: .text, value: .text("Zürich"))],
            consent: Consent(
                disclosureSHA256: base.sha256,
                documents: [ConsentedDocument(documentID: the.document, preparedSHA256: base.sha256)]), policy: policy)
    }

    func raising(_ the: Case, of signed: DocumentSignedV1) -> RaiseDocumentV1 {
        RaiseDocumentV1(
            tenantID: tenant, envelopeID: the.envelope, documentID: the.document, jobID: JobID(ids.next()),
            version: signed.version + 1, artifactID: ArtifactID(ids.next()), base: signed.revision,
            baseLevel: signed.padesLevel, requestedAt: clock.clock.now(),
            deadline: clock.clock.now().advanced(bySeconds: 3600), policy: policy)
    }

    func message<M: VersionedMessage>(_ job: M, _ the: Case, seq: Int64 = 1) throws -> InboundMessage {
        InboundMessage(
            stream: MessageStream(producer: "orchestration", topic: M.topic, key: the.envelope.uuid), seq: seq,
            type: M.messageType, tenantID: tenant.uuid, correlationID: CorrelationID("corr-1"),
            time: clock.clock.now(), payload: Array(try JSONEncoder().encode(job)))
    }

    /// Prepares a new document and answers its prepared version.
    func prepared(_ the: Case) async throws -> ObjectReference {
        let job = preparation(the, of: try await original())
        let results = try await deliver([try message(job, the)])
        guard case .stored(let revision, _, _)? = results.first?.outcome else { throw FixtureError.notStored }
        return revision
    }

    enum FixtureError: Error { case notStored }

    // MARK: - What came out

    func answers<M: VersionedMessage>(_ type: M.Type) async throws -> [M] {
        let rows = try await pool.execute(
            PostgresStatement("select payload from outbox where type = $1 order by id", [.text(M.messageType)])
        ).rows
        return try rows.map { try JSONDecoder().decode(M.self, from: Data(try $0.bytes(0))) }
    }

    func keyWatch() throws -> KeyWatch {
        KeyWatch(
            seals: try TenantSeals(
                keys: KeyStore(folder: root + "/keys/signer"), clock: clock.clock, logger: logs.logger,
                keyOperations: metrics.counter("paraph_keys_total", "Uses.")), pool: pool, outbox: outbox,
            clock: clock.clock, ids: ids, logger: logs.logger, intervalSeconds: 1)
    }

    /// The audit events about keys, in the order in which they were written.
    func keyEvents() async throws -> [String] {
        try await answers(AuditEventV1.self).map(\.fact.eventType.rawValue).filter { $0.hasPrefix("key.") }
    }

    func read(_ object: ObjectReference) async throws -> [UInt8] {
        try await store.read(StoredObject(object), in: .working)
    }

    /// One page of 400 × 300 points in a table file.
    static let onePage: [UInt8] = {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 300]>>",
            "<</Type/Page/Parent 2 0 R>>",
        ]
        var text = "%PDF-1.7\n"
        var table = "xref\n0 4\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        return Array((text + table + "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n").utf8)
    }()
}
