// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres
import TestSupport
import Tracing

@testable import Retention

/// The retention service's handler and disposal requests over a database of their own.
final class RetentionFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let pool: PostgresPool
    let clock = ManualClock(RetentionFixture.start)
    let ids = IDSource.uuidv7(clock: .system)
    let outbox: OutboxWriter
    let handler: ScheduleHandler
    let tenant = TenantID(UUID())

    init() async throws {
        let database = try await TestPostgres.database()
        try await database.migrate(
            .retention, [("messaging", MessagingMigrations.all), ("retention", RetentionMigrations.all)])
        let owner = database.ownerPool(of: .retention)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.retention)
        outbox = OutboxWriter(producer: "retention", clock: clock.clock, wakeUp: WakeUp(pool: pool))
        handler = ScheduleHandler(clock: clock.clock, ids: ids)
    }

    func deliver(_ messages: [InboundMessage]) async throws {
        try await pool.withTransaction { transaction in
            let acts = try await handler.handle(messages, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
        }
    }

    func stored(
        _ retentionClass: String, kind: ArtifactKind = .signedDocument, artifact: ArtifactID? = nil, seq: Int64 = 1,
        completedAt: Instant = RetentionFixture.start
    ) throws -> InboundMessage {
        let artifact = artifact ?? ArtifactID(ids.next())
        guard let digest = ContentDigest(bytes: [UInt8](repeating: 7, count: 32)) else { throw CancellationError() }
        let envelope = EnvelopeID(artifact.uuid)
        let event = EvidenceStoredV1(
            tenantID: tenant, envelopeID: envelope, documentID: DocumentID(UUID()), artifactID: artifact, kind: kind,
            version: 1,
            object: ObjectReference(
                tenantID: tenant, artifactID: artifact, sha256: digest, size: 3, dataKeyID: DataKeyID(UUID())),
            retentionClass: retentionClass, policyVersion: "builtin-1", completedAt: completedAt, storedAt: completedAt)
        return InboundMessage(
            stream: MessageStream(producer: "vault", topic: .evidenceEvents, key: envelope.uuid), seq: seq,
            type: EvidenceStoredV1.messageType, tenantID: tenant.uuid, correlationID: CorrelationID("corr-1"),
            auditAfter: "orchestration/audit.events.v1/\(envelope)/4", time: clock.clock.now(),
            payload: Array(try JSONEncoder().encode(event)))
    }

    var requests: DisposalRequest {
        DisposalRequest(pool: pool, outbox: outbox, clock: clock.clock, ids: ids)
    }

    func answers<M: VersionedMessage>(_ type: M.Type) async throws -> [M] {
        let rows = try await pool.execute(
            PostgresStatement("select payload from outbox where type = $1 order by id", [.text(M.messageType)])
        ).rows
        return try rows.map { try JSONDecoder().decode(M.self, from: Data(try $0.bytes(0))) }
    }
}
