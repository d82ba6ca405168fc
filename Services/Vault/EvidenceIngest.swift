// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Messaging
import Postgres
import ServiceKit
import Storage
import Tracing

/// Copies final documents from the working area into the write-once store, and says so.
struct EvidenceIngest: EffectHandler {
    private static let pieceBytes = 1 << 20

    struct Work: Sendable {
        let message: InboundMessage
        let command: StoreEvidenceV1
        let known: EvidenceIndex.Kept?
    }

    struct Outcome: Sendable {
        let message: InboundMessage
        let command: StoreEvidenceV1
        let copy: ObjectReference
        /// Nil for a copy that this attempt stored.
        let storedBefore: Instant?
    }

    let watch: CauseWatch
    let log: AuditLog
    let store: any ObjectStore
    let clock: BusinessClock
    let ids: IDSource
    /// Commands that were read to see what they wait for, by `ce_id`.
    private let read = GenerationCache<String, StoreEvidenceV1>(capacity: 256)

    init(watch: CauseWatch, log: AuditLog, store: any ObjectStore, clock: BusinessClock, ids: IDSource) {
        self.watch = watch
        self.log = log
        self.store = store
        self.clock = clock
        self.ids = ids
    }

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        let wanted = messages.map { message in
            let cause = message.auditAfter.flatMap(MessageReference.init)
            let positions = (try? command(in: message))?.auditSequences ?? []
            let named = positions.map {
                MessageReference(
                    MessageStream(producer: $0.producer, topic: .auditEvents, key: message.key), seq: $0.sequence)
            }
            return (id: message.id, causes: named + (cause.map { [$0] } ?? []))
        }
        return try await watch.held(wanted, in: transaction)
    }

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Work] {
        let commands = try messages.map(command)
        // Nothing is sealed over a hole in the trail: it waits until the last event of each producer is in.
        if messages.contains(where: watch.isOverdue) { throw TransientFailure(code: "audit_incomplete") }
        let unique = Array(Dictionary(commands.map { ($0.artifactID, $0) }) { first, _ in first }.values)
        let known = try await EvidenceIndex.intend(unique, at: clock.now(), in: transaction)
        return zip(messages, commands).map { Work(message: $0, command: $1, known: known[$1.artifactID]) }
    }

    func perform(_ work: [Work]) async throws -> [Outcome] {
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            for (index, item) in work.enumerated() {
                group.addTask { (index, try await outcome(of: item)) }
            }
            var outcomes: [(Int, Outcome)] = []
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    func record(
        _ outcomes: [Outcome], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        // The same artifact twice in a batch is recorded once.
        var recorded: Set<ArtifactID> = []
        let fresh = outcomes.filter { $0.storedBefore == nil && recorded.insert($0.command.artifactID).inserted }
        if !fresh.isEmpty {
            _ = try await transaction.execute(EvidenceIndex.finishing(fresh.map(\.copy), at: now))
            try await log.append(
                fresh.map { SealedEvent(own: fact(for: $0, at: now)) }, at: now, in: transaction)
        }
        watch.forget(messages)
        return try outcomes.map { try act(for: $0, at: now) }
    }

    private func command(in message: InboundMessage) throws -> StoreEvidenceV1 {
        guard message.type == StoreEvidenceV1.messageType else {
            throw PermanentFailure(code: "unknown_type", detail: message.type)
        }
        let id = message.id
        if let command = read[id] { return command }
        let command = try message.decode(StoreEvidenceV1.self)
        read[id] = command
        return command
    }

    private func outcome(of work: Work) async throws -> Outcome {
        if let known = work.known {
            return Outcome(
                message: work.message, command: work.command, copy: known.copy, storedBefore: known.storedAt)
        }
        do {
            return Outcome(
                message: work.message, command: work.command, copy: try await copy(work.command), storedBefore: nil)
        } catch {
            throw OutsideFailure.judged(error)
        }
    }

    /// - Throws: `PermanentFailure` when the working copy is not what was signed.
    private func copy(_ command: StoreEvidenceV1) async throws -> ObjectReference {
        let source = try await store.open(StoredObject(command.object), in: .working)
        let writer = try await store.writer(
            tenant: command.tenantID.uuid, artifact: command.artifactID.uuid, area: .evidence)
        do {
            var hasher = DigestHasher(.sha256)
            var position = 0
            while position < source.size {
                let end = min(position + Self.pieceBytes, source.size)
                let piece = try await store.bytes(in: position..<end, of: source)
                hasher.update(piece)
                try await writer.append(piece)
                position = end
            }
            guard hasher.finalize() == command.object.sha256.bytes else {
                throw PermanentFailure(code: "artifact_changed", detail: "artifact \(command.artifactID)")
            }
            return try await writer.finish().reference
        } catch {
            await writer.cancel()
            throw error
        }
    }

    private func fact(for outcome: Outcome, at now: Instant) -> AuditFact {
        let command = outcome.command
        var fact = AuditFact(
            eventID: ids.next(), tenantID: command.tenantID, subject: .envelope(command.envelopeID),
            eventType: "evidence.stored", actor: .system("vault"), documentID: command.documentID,
            artifactID: command.artifactID, hashes: ["artifact_sha256": command.object.sha256], occurredAt: now,
            correlationID: outcome.message.traceScope.correlationID.text,
            metadata: [
                "kind": .string(command.kind.rawValue), "version": .integer(Int64(command.version)),
                "retention_class": .string(command.retentionClass),
            ])
        fact.policyVersion = command.policyVersion
        fact.signingMethod = command.signingMethod
        fact.legalStandard = command.legalStandard
        return fact
    }

    private func act(for outcome: Outcome, at now: Instant) throws -> Act {
        let command = outcome.command
        let stored = EvidenceStoredV1(
            tenantID: command.tenantID, envelopeID: command.envelopeID, documentID: command.documentID,
            artifactID: command.artifactID, kind: command.kind, version: command.version, object: outcome.copy,
            retentionClass: command.retentionClass, policyVersion: command.policyVersion,
            completedAt: command.completedAt, storedAt: outcome.storedBefore ?? now)
        return Act(
            messages: [
                try OutgoingMessage(stored, key: command.envelopeID.uuid, tenantID: command.tenantID.uuid)
            ], cause: outcome.message)
    }
}
