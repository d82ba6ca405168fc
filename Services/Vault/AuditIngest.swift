// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys
import Messaging
import Metrics
import Postgres

/// Brings audit messages of all services into their chains, causes before effects.
struct AuditIngest: EffectHandler {
    struct Work: Sendable {
        let message: InboundMessage
        let event: AuditEventV1
        let dataKeyID: UUID?
    }

    struct Outcome: Sendable {
        let message: InboundMessage
        let event: SealedEvent
    }

    let watch: CauseWatch
    let seal: PersonalDataSeal
    let files: BlockingPool
    let clock: BusinessClock
    let appendLag: Gauge
    let outOfOrder: Counter

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        let batch = Set(messages.map(\.id))
        let wanted = messages.map { message in
            let cause = message.auditAfter.flatMap { batch.contains($0) ? nil : MessageReference($0) }
            return (id: message.id, causes: cause.map { [$0] } ?? [])
        }
        return Self.spreading(try await watch.held(wanted, in: transaction), through: messages)
    }

    /// What follows a held event waits too: later ones of its stream, and those that it caused.
    private static func spreading(_ held: Set<String>, through messages: [InboundMessage]) -> Set<String> {
        var held = held
        var count = 0
        while count != held.count {
            count = held.count
            let streams = Dictionary(
                messages.filter { held.contains($0.id) }.map { ($0.stream, $0.seq) }, uniquingKeysWith: min)
            for message in messages where !held.contains(message.id) {
                let isBehind = streams[message.stream].map { message.seq > $0 } ?? false
                if isBehind || message.auditAfter.map(held.contains) == true { held.insert(message.id) }
            }
        }
        return held
    }

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Work] {
        var events: [AuditEventV1] = []
        for message in messages {
            guard message.type == AuditEventV1.messageType else {
                throw PermanentFailure(code: "unknown_type", detail: message.type)
            }
            events.append(try message.decode(AuditEventV1.self))
        }
        let chains = Set(events.filter { $0.personal != nil }.map(Self.chain))
        let keys = chains.isEmpty ? [:] : try await AuditLogStore.dataKeys(of: Array(chains), in: transaction)
        return zip(messages, events).map { Work(message: $0, event: $1, dataKeyID: keys[Self.chain(of: $1)]) }
    }

    func perform(_ work: [Work]) async throws -> [Outcome] {
        do {
            let keys = try await keys(for: work)
            let seal = seal
            return try await files.run {
                try work.map { item in
                    let fact = item.event.fact
                    var personal: [UInt8]?
                    let key = item.event.personal == nil ? nil : keys[Self.chain(of: item.event)]
                    if let key, let data = item.event.personal {
                        personal = try seal.seal(data, tenant: fact.tenantID, key: key, event: fact.eventID)
                    }
                    let event = ChainedEvent(
                        fact: fact, producer: item.message.producer, producerSequence: item.message.seq,
                        personalSHA256: personal.flatMap { ContentDigest(bytes: SHA256.digest(of: $0)) })
                    return Outcome(
                        message: item.message, event: SealedEvent(event: event, personal: personal, dataKeyID: key))
                }
            }
        } catch {
            throw OutsideFailure.judged(error)
        }
    }

    func record(
        _ outcomes: [Outcome], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        let missing = try await missingCauses(of: outcomes, in: transaction)
        let items = outcomes.map { outcome in
            let isEarly = outcome.message.auditAfter.map { missing[$0] != nil } ?? false
            if isEarly { outOfOrder.increment() }
            return CauseBeforeEffect.Item(
                id: outcome.message.id, stream: outcome.message.stream, after: outcome.message.auditAfter,
                value: isEarly ? outcome.event.flagged : outcome.event)
        }
        try await AuditLogStore.append(CauseBeforeEffect.ordered(items), at: now, in: transaction)
        if !missing.isEmpty { try await AuditGaps.note(Array(missing.values), at: now, in: transaction) }
        watch.forget(messages)
        if let oldest = outcomes.map(\.message.time).min() { appendLag.set(max(0, now.seconds(since: oldest))) }
        return []
    }

    /// A key for each chain that needs one; new ones are made side by side, because each is fsynced.
    private func keys(for work: [Work]) async throws -> [UUID: UUID] {
        var keys: [UUID: UUID] = [:]
        var missing: [UUID: TenantID] = [:]
        for item in work where item.event.personal != nil {
            let subject = ChainSubject(of: item.event.fact)
            // The system has no tenant's key, and so keeps no personal data.
            guard subject.kind != .system else { continue }
            let chain = Self.chain(of: item.event)
            if let key = item.dataKeyID { keys[chain] = key } else { missing[chain] = subject.tenantID }
        }
        try await withThrowingTaskGroup(of: (UUID, UUID).self) { group in
            for (chain, tenant) in missing {
                group.addTask { [files, seal] in (chain, try await files.run { try seal.newKey(tenant: tenant) }) }
            }
            for try await (chain, key) in group { keys[chain] = key }
        }
        return keys
    }

    /// The causes that neither stand in the log nor come with this batch, by `ce_id`.
    private func missingCauses(
        of outcomes: [Outcome], in transaction: PostgresTransaction
    ) async throws -> [String: MessageReference] {
        let batch = Set(outcomes.map(\.message.id))
        let causes = outcomes.compactMap(\.message.auditAfter).filter { !batch.contains($0) }
            .compactMap(MessageReference.init)
        let arrived = try await watch.arrived(causes, in: transaction)
        return Dictionary(causes.filter { !arrived.contains($0) }.map { ($0.id, $0) }) { first, _ in first }
    }

    private static func chain(of event: AuditEventV1) -> UUID {
        ChainSubject(of: event.fact).chainID(at: event.fact.occurredAt)
    }
}
