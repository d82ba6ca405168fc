// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Logging
import Messaging
import Metrics
import Postgres
import TestSupport
import Tracing

@testable import Orchestrator

/// The orchestrator's handler and timers over a database of their own, with messages given by hand.
final class OrchestratorFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let clock = ManualClock(OrchestratorFixture.start)
    let ids = IDSource.sequential(seed: 5)
    let metrics = MetricsRegistry()
    let pool: PostgresPool
    let outbox: OutboxWriter
    let coordinator: EnvelopeCoordinator

    init() async throws {
        let database = try await TestPostgres.database()
        try await database.migrate(
            .orchestrator, [("messaging", MessagingMigrations.all), ("orchestrator", OrchestratorMigrations.all)])
        let owner = database.ownerPool(of: .orchestrator)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.orchestrator, size: 8)
        outbox = OutboxWriter(producer: "orchestration", clock: clock.clock, wakeUp: WakeUp(pool: pool))
        coordinator = EnvelopeCoordinator(ids: ids, metrics: WorkflowMetrics(metrics))
    }

    /// Hands messages to the handler in one transaction, as the consumer loop does.
    func deliver(_ messages: [InboundMessage], to other: EnvelopeCoordinator? = nil) async throws {
        try await pool.withTransaction { transaction in
            let acts = try await (other ?? coordinator).handle(messages, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
        }
    }

    /// The handler of another process, which remembers nothing of this one's.
    func otherProcess() -> EnvelopeCoordinator { EnvelopeCoordinator(ids: ids, metrics: WorkflowMetrics(metrics)) }

    var deadlines: DeadlineScheduler { DeadlineScheduler(sweep: sweep, graceSeconds: 5) }
    var reconciliation: ReconciliationSweep { ReconciliationSweep(sweep: sweep, patienceSeconds: 60) }

    private var sweep: EnvelopeSweep {
        EnvelopeSweep(
            pool: pool, coordinator: coordinator, outbox: outbox, clock: clock.clock, logger: .disabled,
            intervalSeconds: 0.01)
    }

    // MARK: - What came out

    struct Written {
        let topic: String
        let type: String
        let auditAfter: String?
        let payload: String
    }

    func written() async throws -> [Written] {
        let rows = try await pool.execute(
            PostgresStatement("select topic, type, audit_after, payload from outbox order by id")
        ).rows
        return try rows.map {
            Written(
                topic: try $0.string(0), type: try $0.string(1), auditAfter: try $0.stringOrNil(2),
                payload: String(decoding: try $0.bytes(3), as: UTF8.self))
        }
    }

    func messages<M: VersionedMessage>(_ type: M.Type) async throws -> [M] {
        try await written().filter { $0.type == M.messageType }.map {
            try JSONDecoder().decode(M.self, from: Data($0.payload.utf8))
        }
    }

    func envelope(_ draft: EnvelopeDraft) async throws -> Envelope? {
        let key = EnvelopeKey(tenantID: draft.tenantID, envelopeID: draft.envelopeID)
        return try await pool.withTransaction {
            try await WorkflowStore.load([key], remembering: EnvelopeCache(), in: $0)[key]?.envelope
        }
    }

    // MARK: - What goes in

    func draft(
        signers: Int = 1, expiresIn seconds: Double? = nil, title: String = "Offer", level: PAdESLevel? = nil
    ) -> EnvelopeDraft {
        Self.sampleDraft(
            signers: signers, createdAt: clock.clock.now(), expiresIn: seconds, title: title, level: level, ids: ids)
    }

    func message<M: VersionedMessage>(
        _ message: M, of draft: EnvelopeDraft, seq: Int64 = 1, auditAfter: String? = nil, tenant: TenantID? = nil
    ) throws -> InboundMessage {
        let producer = M.topic == .envelopeCommands ? "intake" : "signing"
        return InboundMessage(
            stream: MessageStream(producer: producer, topic: M.topic, key: draft.envelopeID.uuid), seq: seq,
            type: M.messageType, tenantID: (tenant ?? draft.tenantID).uuid, correlationID: CorrelationID("corr-1"),
            auditAfter: auditAfter, time: clock.clock.now(), payload: Array(try JSONEncoder().encode(message)))
    }

    func creation(_ draft: EnvelopeDraft) throws -> InboundMessage {
        try message(
            CreateEnvelopeV1(
                tenantID: draft.tenantID, envelopeID: draft.envelopeID,
                requestedBy: .serviceAccount(ServiceAccountID(draft.tenantID.uuid)), envelope: draft),
            of: draft, auditAfter: "intake/audit.events.v1/\(draft.envelopeID)/3")
    }

    func prepared(_ job: PrepareDocumentV1, of draft: EnvelopeDraft) throws -> InboundMessage {
        try message(
            DocumentPreparedV1(
                tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID, jobID: job.jobID,
                version: job.version, prepared: Self.object(job.tenantID, 0xB0, job.artifactID),
                preparedAt: clock.clock.now()), of: draft)
    }

    func submission(_ number: Int = 0, of draft: EnvelopeDraft, text: String = "Blue") throws -> InboundMessage {
        let recipient = draft.recipients[number]
        return try message(
            SubmitFieldsV1(
                tenantID: draft.tenantID, envelopeID: draft.envelopeID, requestID: recipient.requestID, generation: 1,
                submittedAt: clock.clock.now(),
                consent: Consent(
                    disclosureSHA256: Self.digest(0xD1),
                    documents: [
                        ConsentedDocument(documentID: draft.documents[0].documentID, preparedSHA256: Self.digest(0xB0))
                    ]),
                values: [FieldValue(fieldID: recipient.fields[1].fieldID, value: .text(text))],
                client: ClientContext(ipAddress: "203.0.113.7", userAgent: "Browser/1")),
            of: draft, auditAfter: "intake/audit.events.v1/\(draft.envelopeID)/9")
    }

    func signed(_ job: SignDocumentV1, of draft: EnvelopeDraft) throws -> InboundMessage {
        try message(
            DocumentSignedV1(
                tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID,
                requestID: job.requestID, jobID: job.jobID, version: job.version,
                revision: Self.object(job.tenantID, 0xC0, job.artifactID), padesLevel: .basic,
                certificateSHA256: Self.digest(0xCE), signedAt: clock.clock.now()),
            of: draft, auditAfter: "signing/audit.events.v1/\(draft.envelopeID)/2")
    }

    /// Takes an envelope to the point where its first order is open.
    func open(_ draft: EnvelopeDraft) async throws {
        try await deliver([try creation(draft)])
        let jobs = try await messages(PrepareDocumentV1.self)
        for job in jobs where job.envelopeID == draft.envelopeID { try await deliver([try prepared(job, of: draft)]) }
    }

    static func digest(_ byte: UInt8) -> ContentDigest {
        guard let digest = ContentDigest(bytes: [UInt8](repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a digest")
        }
        return digest
    }

    static func sampleDraft(
        signers: Int = 1, createdAt: Instant = OrchestratorFixture.start, expiresIn seconds: Double? = nil,
        title: String = "Offer", level: PAdESLevel? = nil, ids: IDSource = .sequential(seed: 6)
    ) -> EnvelopeDraft {
        let tenant = TenantID(ids.next())
        return EnvelopeDraft(
            tenantID: tenant, envelopeID: EnvelopeID(ids.next()), createdAt: createdAt, title: title,
            send: true, expiresAt: seconds.map { createdAt.advanced(bySeconds: $0) },
            sender: Sender(name: "Sender Person", email: "hr@example.org", organisation: "Example GmbH"),
            retentionClass: "employment_7y", locale: "en", isLive: true, padesLevel: level,
            documents: [
                SourceDocument(
                    documentID: DocumentID(ids.next()), documentIndex: 0, fileName: nil,
                    original: object(tenant, 0xA0, ArtifactID(ids.next())),
                    pageCount: 1)
            ],
            recipients: (0..<signers).map { number in
                Recipient(
                    requestID: RequestID(ids.next()), key: "r\(number)", role: .signer, orderIndex: number + 1,
                    name: "Zoë Person \(number)", email: "zoe\(number)@example.org",
                    fields: [
                        FieldPlacement(
                            fieldID: FieldID(ids.next()), key: "s\(number)", documentIndex: 0, pageNumber: 1, x: 10,
                            y: 10, width: 100, height: 40, fieldType: .signature, isRequired: true),
                        FieldPlacement(
                            fieldID: FieldID(ids.next()), key: "t\(number)", documentIndex: 0, pageNumber: 1, x: 10,
                            y: 60, width: 100, height: 40, fieldType: .text, isRequired: true),
                    ])
            })
    }

    private static func object(_ tenant: TenantID, _ byte: UInt8, _ artifact: ArtifactID) -> ObjectReference {
        ObjectReference(
            tenantID: tenant, artifactID: artifact, sha256: digest(byte), size: 100,
            dataKeyID: DataKeyID(artifact.uuid))
    }
}
