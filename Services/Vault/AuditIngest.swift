// SPDX-License-Identifier: Apache-2.0
import Audit
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys
import Messaging
import Metrics
import Postgres
import Storage

/// Brings audit messages of all services into their chains, causes before effects.
///
/// Personal data is sealed before the transaction. A key made for a chain whose transaction then fails seals nothing that
/// is stored.
struct AuditIngest: PreparingHandler {
    let watch: CauseWatch
    let log: AuditLog
    let appended: AppendedEvents
    let seal: PersonalDataSeal
    let files: BlockingPool
    let clock: BusinessClock
    let appendLag: Gauge
    let outOfOrder: Counter

    func prepare(_ messages: [InboundMessage]) async throws -> [Result<SealedEvent, PermanentFailure>] {
        let events = messages.map { message in Result { () throws(PermanentFailure) in try Self.decode(message) } }
        do {
            let keys = try await dataKeys(for: events.compactMap { try? $0.get() })
            return try await files.run { [seal] in
                try zip(messages, events).map { message, event in
                    switch event {
                    case .success(let event): .success(try Self.sealed(event, from: message, keys: keys, by: seal))
                    case .failure(let failure): .failure(failure)
                    }
                }
            }
        } catch {
            throw OutsideFailure.judged(error)
        }
    }

    func unready(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> Set<String> {
        let batch = Set(messages.map(\.id))
        let wanted = messages.map { message in
            let cause = message.auditAfter.flatMap { batch.contains($0) ? nil : MessageReference($0) }
            return (id: message.id, causes: cause.map { [$0] } ?? [])
        }
        return Self.spreading(try await watch.held(wanted, in: transaction), through: messages)
    }

    func handle(
        _ messages: [InboundMessage], _ prepared: [Result<SealedEvent, PermanentFailure>],
        in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        let batch = Set(messages.map(\.id))
        var missing: Set<MessageReference> = []
        var items: [CauseBeforeEffect.Item<SealedEvent>] = []
        for (message, event) in zip(messages, prepared) {
            var event = try event.get()
            if let cause = message.auditAfter, !batch.contains(cause), watch.isOverdue(message) {
                event = event.flagged
                outOfOrder.increment()
                if let reference = MessageReference(cause) { missing.insert(reference) }
            }
            items.append(.init(id: message.id, stream: message.stream, after: message.auditAfter, value: event))
        }
        try await log.append(CauseBeforeEffect.ordered(items), at: now, in: transaction)
        if !missing.isEmpty { try await AuditGaps.note(Array(missing), at: now, in: transaction) }
        transaction.onCommit { [watch, appended] in
            watch.forget(messages)
            appended.insert(messages.lazy.map { MessageReference($0.stream, seq: $0.seq) })
        }
        if let oldest = messages.map(\.time).min() { appendLag.set(max(0, now.seconds(since: oldest))) }
        return []
    }

    // MARK: - Preparation

    private static func decode(_ message: InboundMessage) throws(PermanentFailure) -> AuditEventV1 {
        guard message.type == AuditEventV1.messageType else {
            throw PermanentFailure(code: "unknown_type", detail: message.type)
        }
        do throws(UnreadableMember) {
            return try AuditEventV1(payload: message.payload)
        } catch {
            throw PermanentFailure(code: "undecodable", detail: "invalid \(error.name)")
        }
    }

    private static func sealed(
        _ event: AuditEventV1, from message: InboundMessage, keys: [UUID: UUID], by seal: PersonalDataSeal
    ) throws -> SealedEvent {
        let fact = event.fact
        let key = event.personal == nil ? nil : keys[chain(of: event)]
        var personal: [UInt8]?
        if let key, let data = event.personal {
            personal = try seal.seal(data, tenant: fact.tenantID, key: key, event: fact.eventID)
        }
        let chained = ChainedEvent(
            fact: fact, producer: message.producer, producerSequence: message.seq,
            personalSHA256: personal.flatMap { ContentDigest(bytes: SHA256.digest(of: $0)) })
        return SealedEvent(event: chained, personal: personal, dataKeyID: key)
    }

    /// A key for each chain that needs one; new ones are made durable together.
    private func dataKeys(for events: [AuditEventV1]) async throws -> [UUID: UUID] {
        var keys = try await log.dataKeys(of: Set(events.map(Self.chain)))
        var missing: [UUID: TenantID] = [:]
        for event in events where event.personal != nil {
            let subject = ChainSubject(of: event.fact)
            // The system has no tenant's key, and so keeps no personal data.
            guard subject.kind != .system else { continue }
            let chain = Self.chain(of: event)
            if keys[chain] == nil { missing[chain] = subject.tenantID }
        }
        if missing.isEmpty { return keys }
        let tenants = Array(missing.values)
        let made = try await files.run { [seal] in try seal.newKeys(tenants: tenants) }
        for (chain, key) in zip(missing.keys, made) {
            log.remember(dataKey: key, of: chain)
            keys[chain] = key
        }
        return keys
    }

    private static func chain(of event: AuditEventV1) -> UUID {
        ChainSubject(of: event.fact).chainID(at: event.fact.occurredAt)
    }

    // MARK: - Causes

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
}
