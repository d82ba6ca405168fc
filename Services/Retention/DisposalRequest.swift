// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Messaging
import Postgres
import RetentionRules
import Tracing

/// An operator's wish to dispose of one artifact: refused and audited before its due date, handed to the vault after.
struct DisposalRequest {
    enum Answer: Equatable {
        case requested
        case refused(until: Instant)
        case unknownArtifact
    }

    let pool: PostgresPool
    let outbox: OutboxWriter
    let clock: BusinessClock
    let ids: IDSource

    func submit(_ artifact: ArtifactID, tenant: TenantID, correlationID: String) async throws -> Answer {
        let now = clock.now()
        return try await pool.withTransaction { transaction in
            guard let found = try await ScheduleStore.find(artifact, tenant: tenant, in: transaction) else {
                return .unknownArtifact
            }
            let schedule = found.schedule
            let isDue = now >= schedule.dueAt
            // Asked for again, it is the same disposal.
            let disposal = found.disposal ?? JobID(ids.next())
            if isDue {
                try await ScheduleStore.markDisposal(
                    of: artifact, tenant: tenant, disposal: disposal, at: now, in: transaction)
            }
            var fact = AuditFact(
                eventID: ids.next(), tenantID: tenant, subject: .envelope(schedule.envelopeID),
                eventType: "disposal.requested", outcome: isDue ? .done : .denied, reason: isDue ? nil : "not_due",
                actor: AuditActor(kind: .operator, id: "retention"), artifactID: artifact, occurredAt: now,
                correlationID: correlationID)
            fact.metadata = [
                "retention_class": .string(schedule.retentionClass.name),
                "due_at": .string(schedule.dueAt.rfc3339(fractionDigits: 6)),
            ]
            let key = schedule.envelopeID.uuid
            let message =
                isDue
                ? try OutgoingMessage(
                    DisposeArtifactV1(
                        tenantID: tenant, envelopeID: schedule.envelopeID, artifactID: artifact, disposalID: disposal,
                        kind: schedule.kind, retentionClass: schedule.retentionClass.name, dueAt: schedule.dueAt,
                        requestedAt: now), key: key, tenantID: tenant.uuid)
                : try OutgoingMessage(
                    DisposalRefusedV1(
                        tenantID: tenant, envelopeID: schedule.envelopeID, artifactID: artifact,
                        retentionClass: schedule.retentionClass.name, dueAt: schedule.dueAt, code: "not_due",
                        refusedAt: now), key: key, tenantID: tenant.uuid)
            let audit = try OutgoingMessage(AuditEventV1(fact: fact), key: key, tenantID: tenant.uuid)
            try await outbox.write(
                [Act(audit: [audit], messages: [message], correlationID: CorrelationID(correlationID))], in: transaction
            )
            return isDue ? .requested : .refused(until: schedule.dueAt)
        }
    }
}
