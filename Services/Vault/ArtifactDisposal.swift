// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Messaging
import Postgres
import RetentionRules
import Storage
import Tracing

/// Destroys artifacts that are due: data key first, then the object, the write-once copy and the working one.
///
/// Whether one is due is computed here once more, from what the vault recorded when it stored the artifact; a command
/// alone destroys nothing.
struct ArtifactDisposal: EffectHandler {
    enum Decision: Sendable {
        case dispose(DisposalIndex.Entry)
        case refuse(until: Instant)
        /// Gone already.
        case nothing
    }

    struct Work: Sendable {
        let message: InboundMessage
        let command: DisposeArtifactV1
        let decision: Decision
    }

    let watch: CauseWatch
    let log: AuditLog
    let store: any ObjectStore
    let clock: BusinessClock
    let ids: IDSource

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        let wanted = messages.map { message in
            (id: message.id, causes: message.auditAfter.flatMap(MessageReference.init).map { [$0] } ?? [])
        }
        return try await watch.held(wanted, in: transaction)
    }

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Work] {
        var commands: [DisposeArtifactV1] = []
        for message in messages {
            guard message.type == DisposeArtifactV1.messageType else {
                throw PermanentFailure(code: "unknown_type", detail: message.type)
            }
            commands.append(try message.decode(DisposeArtifactV1.self))
        }
        let now = clock.now()
        let entries = try await DisposalIndex.lock(commands, in: transaction)
        var taken: Set<ArtifactID> = []
        var work: [Work] = []
        for (message, command) in zip(messages, commands) {
            guard let entry = entries[command.artifactID], entry.copy.tenantID == command.tenantID else {
                throw PermanentFailure(code: "unknown_artifact", detail: "artifact \(command.artifactID)")
            }
            let isNew = taken.insert(command.artifactID).inserted && !entry.isDisposed
            let decision = isNew ? try Self.decision(on: entry, command, at: now) : .nothing
            work.append(Work(message: message, command: command, decision: decision))
        }
        let due = work.compactMap { item in if case .dispose = item.decision { item.command } else { nil } }
        if !due.isEmpty { try await DisposalIndex.intend(due, at: now, in: transaction) }
        return work
    }

    func perform(_ work: [Work]) async throws -> [Work] {
        do {
            for item in work {
                guard case .dispose(let entry) = item.decision else { continue }
                try await store.delete(StoredObject(entry.copy), in: .evidence)
                try await store.delete(StoredObject(entry.working), in: .working)
            }
        } catch {
            throw OutsideFailure.judged(error)
        }
        return work
    }

    func record(
        _ outcomes: [Work], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        var disposed: [DisposeArtifactV1] = []
        var events: [SealedEvent] = []
        for item in outcomes {
            switch item.decision {
            case .nothing: continue
            case .dispose(let entry):
                disposed.append(item.command)
                events.append(event(for: item, at: now, sha256: entry.copy.sha256))
            case .refuse(let due): events.append(event(for: item, at: now, refusedUntil: due))
            }
        }
        if !disposed.isEmpty { try await DisposalIndex.finish(disposed, at: now, in: transaction) }
        try await log.append(events, at: now, in: transaction)
        watch.forget(messages)
        return []
    }

    private static func decision(
        on entry: DisposalIndex.Entry, _ command: DisposeArtifactV1, at now: Instant
    ) throws -> Decision {
        guard let chosen = RetentionClass(named: entry.retentionClass) else {
            throw PermanentFailure(code: "unknown_retention_class", detail: "artifact \(command.artifactID)")
        }
        let due = max(command.dueAt, chosen.class(of: entry.kind).dueDate(anchoredAt: entry.completedAt))
        return now >= due ? .dispose(entry) : .refuse(until: due)
    }

    private func event(
        for item: Work, at now: Instant, sha256: ContentDigest? = nil, refusedUntil due: Instant? = nil
    ) -> SealedEvent {
        let command = item.command
        var fact = AuditFact(
            eventID: ids.next(), tenantID: command.tenantID, subject: .envelope(command.envelopeID),
            eventType: "artifact.disposed", outcome: due == nil ? .done : .denied,
            reason: due == nil ? nil : "not_due", actor: .system("vault"), artifactID: command.artifactID,
            occurredAt: now, correlationID: item.message.traceScope.correlationID.text,
            metadata: [
                "kind": .string(command.kind.rawValue), "retention_class": .string(command.retentionClass),
                "disposal_id": .string(command.disposalID.description),
                "due_at": .string((due ?? command.dueAt).rfc3339(fractionDigits: 6)),
            ])
        fact.hashes["artifact_sha256"] = sha256
        return SealedEvent(own: fact, isOutOfOrder: watch.isOverdue(item.message))
    }
}
