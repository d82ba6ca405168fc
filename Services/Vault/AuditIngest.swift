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
    /// How long an event waits for the one that caused it before it is appended flagged.
    static let patienceSeconds = 10.0

    struct Work: Sendable {
        let message: InboundMessage
        let event: AuditEventV1
        let dataKeyID: UUID?
    }

    struct Outcome: Sendable {
        let message: InboundMessage
        let event: SealedEvent
    }

    let consumer: String
    let seal: PersonalDataSeal
    let files: BlockingPool
    let clock: BusinessClock
    let appendLag: Gauge
    let outOfOrder: Counter

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        let now = clock.now()
        let batch = Set(messages.map(\.id))
        var waiting: [(id: String, cause: MessageReference)] = []
        for message in messages where now.seconds(since: message.time) < Self.patienceSeconds {
            guard let after = message.auditAfter, !batch.contains(after), let cause = MessageReference(after) else {
                continue
            }
            waiting.append((message.id, cause))
        }
        guard !waiting.isEmpty else { return [] }
        let arrived = try await MessageReference.arrived(waiting.map(\.cause), consumer: consumer, in: transaction)
        let held = Set(waiting.filter { !arrived.contains($0.cause) }.map(\.id))
        return Self.spreading(held, through: messages)
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
        let chains = Set(events.filter { $0.personal != nil }.map { ChainAddress(of: $0.fact).chainID })
        let keys = chains.isEmpty ? [:] : try await AuditLogStore.dataKeys(of: Array(chains), in: transaction)
        return zip(messages, events).map {
            Work(message: $0, event: $1, dataKeyID: keys[ChainAddress(of: $1.fact).chainID])
        }
    }

    func perform(_ work: [Work]) async throws -> [Outcome] {
        let seal = seal
        return try await files.run {
            var made: [UUID: UUID] = [:]
            return try work.map { item in
                let address = ChainAddress(of: item.event.fact)
                var key: UUID?
                var sealed: [UInt8]?
                if let personal = item.event.personal, address.kind != .system {
                    let known = try item.dataKeyID ?? made[address.chainID] ?? seal.newKey(tenant: address.tenantID)
                    made[address.chainID] = known
                    key = known
                    sealed = try seal.seal(
                        personal, tenant: address.tenantID, key: known, event: item.event.fact.eventID)
                }
                let event = ChainedEvent(
                    fact: item.event.fact, producer: item.message.producer, producerSequence: item.message.seq,
                    personalSHA256: sealed.flatMap { ContentDigest(bytes: SHA256.digest(of: $0)) })
                return Outcome(
                    message: item.message, event: SealedEvent(event: event, personal: sealed, dataKeyID: key))
            }
        }
    }

    func record(
        _ outcomes: [Outcome], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        let known = try await arrivedCauses(of: outcomes, in: transaction)
        let items = outcomes.map { outcome in
            CauseBeforeEffect.Item(
                id: outcome.message.id, stream: outcome.message.stream, after: outcome.message.auditAfter,
                value: flagged(outcome, known: known))
        }
        try await AuditLogStore.append(CauseBeforeEffect.ordered(items), at: now, in: transaction)
        if let oldest = outcomes.map(\.message.time).min() { appendLag.set(max(0, now.seconds(since: oldest))) }
        return []
    }

    private func arrivedCauses(
        of outcomes: [Outcome], in transaction: PostgresTransaction
    ) async throws -> Set<String> {
        let batch = Set(outcomes.map(\.message.id))
        let late = outcomes.compactMap(\.message.auditAfter).filter { !batch.contains($0) }
            .compactMap(MessageReference.init)
        guard !late.isEmpty else { return batch }
        let arrived = try await MessageReference.arrived(late, consumer: consumer, in: transaction)
        return batch.union(arrived.map(\.id))
    }

    private func flagged(_ outcome: Outcome, known: Set<String>) -> SealedEvent {
        guard let after = outcome.message.auditAfter, !known.contains(after), MessageReference(after) != nil else {
            return outcome.event
        }
        outOfOrder.increment()
        let event = outcome.event.event
        return SealedEvent(
            event: ChainedEvent(
                fact: event.fact, producer: event.producer, producerSequence: event.producerSequence,
                personalSHA256: event.personalSHA256, isOutOfOrder: true), personal: outcome.event.personal,
            dataKeyID: outcome.event.dataKeyID)
    }
}
