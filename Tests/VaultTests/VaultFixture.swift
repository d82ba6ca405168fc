// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys
import Logging
import Messaging
import Metrics
import Postgres
import ServiceKit
import Storage
import TestSupport
import Tracing

@testable import Vault

/// The vault's handlers over a database, an object store and keys of their own, with messages given by hand.
final class VaultFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let database: TestDatabase
    let pool: PostgresPool
    let clock = ManualClock(VaultFixture.start)
    let ids = IDSource.uuidv7(clock: .system)
    let metrics = MetricsRegistry()
    let logs = MemoryLogWriter()
    let root: String
    let tenant: TenantID
    let keys: DataKeyStore
    let store: FilesystemObjectStore
    let outbox: OutboxWriter
    let files = BlockingPool(label: "test-files", width: 8)
    let log: AuditLog
    let audit: AuditIngest
    let evidence: EvidenceIngest
    let disposal: ArtifactDisposal

    init() async throws {
        database = try await TestPostgres.database()
        try await database.migrate(.vault, [("messaging", MessagingMigrations.all), ("vault", VaultMigrations.all)])
        let owner = database.ownerPool(of: .vault)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.vault, size: 6)
        root = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-vault-\(UUID())").path
        tenant = TenantID(ids.next())
        try DevelopmentKeys.create(at: root + "/keys", clock: .system, ids: ids)
            .addTenant(tenant.uuid, organization: "Example", kind: .p256)
        keys = try KeyStore(folder: root + "/keys/vault").dataKeys(ids: ids)
        store = try FilesystemObjectStore(root: root + "/objects", keys: keys)
        outbox = OutboxWriter(producer: "vault", clock: clock.clock, wakeUp: WakeUp(pool: pool))
        let consumer = ServiceRole.vault.consumer
        let log = AuditLog(pool: pool)
        let appended = AppendedEvents()
        let watch = { [clock] in CauseWatch(consumer: consumer, appended: appended, clock: clock.clock) }
        self.log = log
        audit = AuditIngest(
            watch: watch(), log: log, appended: appended, seal: PersonalDataSeal(keys: keys), files: files,
            clock: clock.clock, appendLag: metrics.gauge("paraph_lag_seconds", "Lag."),
            outOfOrder: metrics.counter("paraph_early_total", "Early."))
        evidence = EvidenceIngest(watch: watch(), log: log, store: store, clock: clock.clock, ids: ids)
        disposal = ArtifactDisposal(watch: watch(), log: log, store: store, clock: clock.clock, ids: ids)
    }

    /// Another process over the same database and keys.
    func process() -> (pool: PostgresPool, log: AuditLog, audit: AuditIngest) {
        let pool = database.pool(.vault, size: 2)
        let log = AuditLog(pool: pool)
        let appended = AppendedEvents()
        let audit = AuditIngest(
            watch: CauseWatch(consumer: ServiceRole.vault.consumer, appended: appended, clock: clock.clock), log: log,
            appended: appended, seal: audit.seal, files: files, clock: clock.clock, appendLag: audit.appendLag,
            outOfOrder: audit.outOfOrder)
        return (pool, log, audit)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    // MARK: - Handling

    /// Does what the consumer loop does with a batch; answers the ids that were held back.
    @discardableResult
    func deliver(_ messages: [InboundMessage], to handler: AuditIngest) async throws -> Set<String> {
        let prepared = try await handler.prepare(messages)
        return try await pool.withTransaction { transaction in
            let held = try await handler.unready(messages, in: transaction)
            let ready = zip(messages, prepared).filter { !held.contains($0.0.id) }
            guard !ready.isEmpty else { return held }
            let acts = try await handler.handle(ready.map(\.0), ready.map(\.1), in: transaction)
            _ = try await outbox.write(acts, in: transaction)
            for (message, _) in ready { _ = try await transaction.execute(Self.position(after: message)) }
            return held
        }
    }

    /// The same for a handler with effects.
    @discardableResult
    func deliver(_ messages: [InboundMessage], to handler: some EffectHandler) async throws -> Set<String> {
        let (work, held) = try await pool.withTransaction { transaction in
            let held = try await handler.unready(messages, in: transaction)
            let ready = messages.filter { !held.contains($0.id) }
            return (ready.isEmpty ? [] : try await handler.intend(ready, in: transaction), held)
        }
        let ready = messages.filter { !held.contains($0.id) }
        guard !ready.isEmpty else { return held }
        let outcomes = try await handler.perform(work)
        try await pool.withTransaction { transaction in
            let acts = try await handler.record(outcomes, of: ready, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
            for message in ready { _ = try await transaction.execute(Self.position(after: message)) }
        }
        return held
    }

    private static func position(after message: InboundMessage) -> PostgresStatement {
        PostgresStatement(
            """
            insert into stream_position (consumer, producer, topic, key, next_seq) values ('paraph-vault', $1, $2, $3, $4)
            on conflict (consumer, producer, topic, key) do update set next_seq = excluded.next_seq
            """,
            [.text(message.producer), .text(message.topic.name), .uuid(message.key), .int8(message.seq + 1)])
    }

    // MARK: - Messages

    func fact(
        _ type: AuditEventType, envelope: EnvelopeID, at time: Instant? = nil, tenant: TenantID? = nil
    ) -> AuditFact {
        AuditFact(
            eventID: ids.next(), tenantID: tenant ?? self.tenant, subject: .envelope(envelope), eventType: type,
            actor: .system("test"), occurredAt: time ?? clock.clock.now(), correlationID: "corr-1")
    }

    func message(
        _ fact: AuditFact, personal: PersonalData? = nil, producer: String = "intake", seq: Int64, after: String? = nil
    ) throws -> InboundMessage {
        let event = AuditEventV1(fact: fact, personal: personal)
        return try message(event, producer: producer, key: event.streamKey, seq: seq, after: after)
    }

    func message<M: VersionedMessage>(
        _ message: M, producer: String, key: UUID, seq: Int64 = 1, after: String? = nil
    ) throws -> InboundMessage {
        InboundMessage(
            stream: MessageStream(producer: producer, topic: M.topic, key: key), seq: seq, type: M.messageType,
            tenantID: tenant.uuid, correlationID: CorrelationID("corr-1"), auditAfter: after, time: clock.clock.now(),
            payload: Array(try JSONEncoder().encode(message)))
    }

    func put(_ bytes: [UInt8], artifact: ArtifactID? = nil) async throws -> ObjectReference {
        try await store.put(
            bytes, tenant: tenant.uuid, artifact: artifact?.uuid ?? ids.next(), area: .working
        ).reference
    }

    func storeCommand(
        _ object: ObjectReference, envelope: EnvelopeID, positions: [AuditPosition] = [], after: String? = nil,
        retentionClass: String = "test_30d", seq: Int64 = 1
    ) throws -> InboundMessage {
        try message(
            StoreEvidenceV1(
                tenantID: tenant, envelopeID: envelope, documentID: DocumentID(object.artifactID.uuid),
                artifactID: object.artifactID, kind: .signedDocument, version: 1, object: object, padesLevel: .basic,
                retentionClass: retentionClass, policyVersion: "builtin-1", signingMethod: .platformSeal,
                legalStandard: .click, completedAt: clock.clock.now(), auditSequences: positions),
            producer: "orchestration", key: envelope.uuid, seq: seq, after: after)
    }

    // MARK: - What came out

    func trail(_ envelope: EnvelopeID, tenant: TenantID? = nil) async throws -> AuditExport? {
        try await AuditTrail(pool: pool, seal: PersonalDataSeal(keys: keys), files: files)
            .export(envelope, tenant: tenant ?? self.tenant)
    }

    /// Event types and whether each was flagged, in chain order.
    func types(_ envelope: EnvelopeID) async throws -> [String] {
        let entries = try await trail(envelope)?.entries ?? []
        return entries.map { entry in
            let type: String = entry.event["event_type"]?.stringValue ?? ""
            return entry.event["out_of_order"] == nil ? type : type + "!"
        }
    }

    func answers<M: VersionedMessage>(_ type: M.Type) async throws -> [M] {
        let rows = try await pool.execute(
            PostgresStatement("select payload from outbox where type = $1 order by id", [.text(M.messageType)])
        ).rows
        return try rows.map { try JSONDecoder().decode(M.self, from: Data(try $0.bytes(0))) }
    }

    func int(_ sql: String) async throws -> Int {
        try await pool.execute(PostgresStatement(sql)).rows.first?.int(0) ?? 0
    }
}
