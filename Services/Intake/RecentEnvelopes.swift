// SPDX-License-Identifier: Apache-2.0
import Contracts
import Envelopes
import Foundation
import ServiceKit

/// What lies behind a signing link for ever.
struct LinkTarget: Sendable, Hashable {
    let tenantID: TenantID
    let envelopeID: EnvelopeID
    let requestID: RequestID
    let generation: Int
}

/// An envelope as this process has it decoded.
struct DecodedEnvelope: Sendable {
    let draft: EnvelopeDraft
    /// By document index, then page number less one.
    let pages: [[PageSize]]
    /// The number of the snapshot, 0 before the first event.
    var sequence: Int64
    var snapshot: EnvelopeSnapshot

    /// How much there is of it.
    fileprivate var parts: Int {
        pages.reduce(0) { $0 + $1.count } + draft.recipients.reduce(0) { $0 + 1 + $1.fields.count }
    }
}

/// What this process remembers of links and envelopes, so that a look at a link decodes nothing a second time.
///
/// Links, drafts and pages never change. A snapshot is good only while the database says its number, so that nothing stale
/// is ever shown; see `IntakeStore.signingState`.
final class RecentEnvelopes: Sendable {
    static let capacity = 256
    /// Larger envelopes are decoded each time: what is kept has to stay small in sum.
    static let maximumParts = 100

    private let targets = GenerationCache<UUID, LinkTarget>(capacity: capacity)
    private let envelopes = GenerationCache<EnvelopeID, DecodedEnvelope>(capacity: capacity)

    /// The link and its envelope where both are known.
    func find(_ token: UUID) -> (LinkTarget, DecodedEnvelope)? {
        guard let target = targets[token], let envelope = envelopes[target.envelopeID] else { return nil }
        return (target, envelope)
    }

    /// Keeps what was read or just committed.
    ///
    /// An older snapshot gives way to a newer one but for a race, which costs another look at the database.
    func keep(_ envelope: DecodedEnvelope, links: [UUID: LinkTarget]) {
        guard envelope.parts <= Self.maximumParts else { return }
        for (token, target) in links { targets[token] = target }
        let id = envelope.draft.envelopeID
        if envelopes[id].map({ $0.sequence > envelope.sequence }) != true { envelopes[id] = envelope }
    }

    /// Takes over the new states of envelopes that are known.
    func moved(_ moves: [EnvelopeMove]) {
        for move in moves {
            guard var envelope = envelopes[move.envelopeID], envelope.sequence < move.sequence else { continue }
            envelope.sequence = move.sequence
            envelope.snapshot = move.snapshot
            envelopes[move.envelopeID] = envelope
        }
    }
}
