// SPDX-License-Identifier: Apache-2.0
import Audit
import Clocks
import Envelopes
import Foundation
import Messaging
import Postgres
import ServiceKit

/// Appends to chains; the only code that assigns `n` and a hash.
///
/// Where a chain stands is remembered, so that one which this process appended to a moment ago is not looked up again.
/// What is remembered may be out of date, because other processes append too: a head moves by compare-and-set, and one
/// that had moved meanwhile is read and appended to again.
final class AuditLog: Sendable {
    private static let rememberedChains = 4096

    private struct Remembered {
        /// Nil for a chain that had not begun.
        var state: ChainState?
        /// Also one that was made for a chain and is not recorded with it yet.
        var dataKeyID: UUID?
    }

    private let pool: PostgresPool
    private let remembered = GenerationCache<UUID, Remembered>(capacity: rememberedChains)

    init(pool: PostgresPool) { self.pool = pool }

    /// Appends the events, those of each chain in the order given.
    ///
    /// - Throws: `PostgresError`; `PermanentFailure` for an event of another tenant than its chain's;
    ///   `AuditLogConflict` when other writers keep moving a chain, or sealed with another data key.
    func append(_ events: [SealedEvent], at now: Instant, in transaction: PostgresTransaction) async throws {
        guard !events.isEmpty else { return }
        let shares = Dictionary(grouping: events) { ChainSubject(of: $0.event.fact) }
        let extensions: [ChainExtension]
        do {
            extensions = try await move(shares, in: transaction)
        } catch let conflict as AuditLogConflict {
            // What was remembered is wrong, so the next attempt must not start from it.
            for (subject, events) in shares { remembered[Self.chainID(of: subject, in: events)] = nil }
            throw conflict
        }
        _ = try await transaction.execute(AuditLogRows.insertion(of: extensions, recordedAt: now))
        transaction.onCommit { [remembered, states = extensions.map(\.state)] in
            for state in states {
                remembered[state.genesis.chainID] = Remembered(state: state, dataKeyID: state.dataKeyID)
            }
        }
    }

    /// Moves the heads, once more where another writer was faster.
    private func move(
        _ shares: [ChainSubject: [SealedEvent]], in transaction: PostgresTransaction
    ) async throws -> [ChainExtension] {
        let extensions = try await extensions(by: shares, trustingMemory: true, in: transaction)
        let moved = try await AuditLogRows.move(extensions, in: transaction)
        let overtaken = Set(extensions.filter { !moved.contains($0.chainID) }.map(\.subject))
        guard !overtaken.isEmpty else { return extensions }
        let again = try await self.extensions(
            by: shares.filter { overtaken.contains($0.key) }, trustingMemory: false, in: transaction)
        guard try await AuditLogRows.move(again, in: transaction).count == again.count else {
            throw AuditLogConflict()
        }
        return extensions.filter { moved.contains($0.chainID) } + again
    }

    // MARK: - Data keys

    /// The data key that each of these chains seals personal data with, where it has one.
    func dataKeys(of chains: Set<UUID>) async throws -> [UUID: UUID] {
        var keys: [UUID: UUID] = [:]
        var unknown: [UUID] = []
        for chain in chains {
            if let known = remembered[chain] { keys[chain] = known.dataKeyID } else { unknown.append(chain) }
        }
        guard !unknown.isEmpty else { return keys }
        let found = try ChainState.read(try await pool.execute(ChainState.selection(of: unknown)))
        for chain in unknown {
            let state = found[chain]
            remembered[chain] = Remembered(state: state, dataKeyID: state?.dataKeyID)
            keys[chain] = state?.dataKeyID
        }
        return keys
    }

    /// Keeps a new key for a chain that has none, until its first event with personal data records it.
    func remember(dataKey: UUID, of chain: UUID) {
        remembered[chain] = Remembered(state: remembered[chain]?.state, dataKeyID: dataKey)
    }

    // MARK: - Chains

    /// What each chain becomes, sorted by chain.
    private func extensions(
        by shares: [ChainSubject: [SealedEvent]], trustingMemory: Bool, in transaction: PostgresTransaction
    ) async throws -> [ChainExtension] {
        let newest = try await ChainState.newest(of: shares.keys.filter { $0.kind != .envelope }, in: transaction)
        var ids: [ChainSubject: UUID] = [:]
        var known: [UUID: ChainState] = [:]
        var unknown: [UUID] = []
        for (subject, events) in shares {
            let id = newest[subject] ?? Self.chainID(of: subject, in: events)
            ids[subject] = id
            // Months are always looked up, so that one which another process began is not missed.
            if trustingMemory, subject.kind == .envelope, let remembered = remembered[id] {
                known[id] = remembered.state
            } else {
                unknown.append(id)
            }
        }
        if !unknown.isEmpty {
            let found = try ChainState.read(try await transaction.execute(ChainState.selection(of: unknown)))
            known.merge(found) { _, found in found }
        }
        return try shares.map { subject, events in
            let last = ids[subject].flatMap { known[$0] }
            let state = try Self.state(of: subject, at: Self.start(of: subject, in: events), last: last)
            return try ChainExtension(of: state, for: subject, by: events)
        }.sorted { $0.chainID < $1.chainID }
    }

    /// The chain to go on with, or a new one: that of a month names the head of the one before it, so that no month can
    /// vanish.
    private static func state(of subject: ChainSubject, at start: Instant, last: ChainState?) throws -> ChainState {
        if let last, last.genesis.tenantID != subject.tenantID {
            throw PermanentFailure(code: "foreign_tenant", detail: "chain \(last.genesis.chainID)")
        }
        if let last, subject.kind == .envelope || last.genesis.startedAt.month >= start.month { return last }
        return ChainState(beginning: subject, at: start, after: last?.chain.head)
    }

    /// When the chain of these events would begin: with its first event, of the newest month that there is.
    private static func start(of subject: ChainSubject, in events: [SealedEvent]) -> Instant {
        let times = events.map(\.event.fact.occurredAt).sorted()
        guard let first = times.first, let last = times.last, subject.kind != .envelope else {
            return times.first ?? Instant(microseconds: 0)
        }
        return first.month == last.month ? first : times.first { $0.month == last.month } ?? last
    }

    private static func chainID(of subject: ChainSubject, in events: [SealedEvent]) -> UUID {
        subject.chainID(at: start(of: subject, in: events))
    }
}

/// Two writers moved one chain at the same time; the transaction is given up and the batch comes again.
struct AuditLogConflict: Error {}
