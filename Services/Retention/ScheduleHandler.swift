// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Messaging
import Postgres
import RetentionRules
import Tracing

/// Gives each artifact that the vault stored its due date, from the class chosen when the envelope was created.
struct ScheduleHandler: MessageHandler {
    let clock: BusinessClock
    let ids: IDSource

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        let now = clock.now()
        var schedules: [ArtifactID: (schedule: ScheduleStore.Schedule, cause: InboundMessage)] = [:]
        for message in messages {
            guard message.type == EvidenceStoredV1.messageType else {
                throw PermanentFailure(code: "unknown_type", detail: message.type)
            }
            let stored = try message.decode(EvidenceStoredV1.self)
            guard let chosen = RetentionClass(named: stored.retentionClass) else {
                throw PermanentFailure(code: "unknown_retention_class", detail: "artifact \(stored.artifactID)")
            }
            let retentionClass = chosen.class(of: stored.kind)
            let schedule = ScheduleStore.Schedule(
                tenantID: stored.tenantID, envelopeID: stored.envelopeID, artifactID: stored.artifactID,
                kind: stored.kind, retentionClass: retentionClass, policyVersion: stored.policyVersion,
                anchoredAt: stored.completedAt, dueAt: retentionClass.dueDate(anchoredAt: stored.completedAt))
            if let known = schedules[stored.artifactID], known.schedule.dueAt >= schedule.dueAt { continue }
            schedules[stored.artifactID] = (schedule, message)
        }
        let changed = try await ScheduleStore.insert(schedules.values.map(\.schedule), at: now, in: transaction)
        // What was scheduled before is neither announced nor recorded again.
        return try schedules.values.filter { changed.contains($0.schedule.artifactID) }
            .sorted { $0.schedule.artifactID < $1.schedule.artifactID }
            .map { try act(for: $0.schedule, cause: $0.cause, at: now) }
    }

    private func act(for schedule: ScheduleStore.Schedule, cause: InboundMessage, at now: Instant) throws -> Act {
        let fact = AuditFact(
            eventID: ids.next(), tenantID: schedule.tenantID, subject: .envelope(schedule.envelopeID),
            eventType: "retention.scheduled", actor: .system("retention"), artifactID: schedule.artifactID,
            occurredAt: now, correlationID: cause.traceScope.correlationID.text,
            metadata: [
                "retention_class": .string(schedule.retentionClass.name),
                "due_at": .string(schedule.dueAt.rfc3339(fractionDigits: 6)),
            ])
        let event = RetentionScheduledV1(
            tenantID: schedule.tenantID, envelopeID: schedule.envelopeID, artifactID: schedule.artifactID,
            kind: schedule.kind, retentionClass: schedule.retentionClass.name, anchoredAt: schedule.anchoredAt,
            dueAt: schedule.dueAt)
        let key = schedule.envelopeID.uuid
        let tenant = schedule.tenantID.uuid
        return Act(
            audit: [try OutgoingMessage(AuditEventV1(fact: fact), key: key, tenantID: tenant)],
            messages: [try OutgoingMessage(event, key: key, tenantID: tenant)], cause: cause)
    }
}
