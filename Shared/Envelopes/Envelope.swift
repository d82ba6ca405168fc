// SPDX-License-Identifier: Apache-2.0
package import Clocks
import FoundationEssentials

/// The aggregate: documents, recipients and routing sent together, and where each of them stands.
///
/// A pure value: inputs go in with their time, effects come out, and nothing here reads a clock or makes an id.
package struct Envelope: Sendable, Hashable {
    /// What the sender asked for; never changes.
    package let draft: EnvelopeDraft
    package let policy: PolicyDecision
    package let retentionClass: String
    /// Follows the envelope everywhere, also where a timer acts.
    package let correlationID: String
    package internal(set) var status: EnvelopeStatus = .draft
    /// Whether the sender wants it sent as soon as it is prepared.
    package internal(set) var isReleased: Bool
    /// Counts the announced changes.
    package internal(set) var sequence: Int64 = 0
    package internal(set) var updatedAt: Instant
    package internal(set) var sentAt: Instant?
    package internal(set) var completedAt: Instant?
    package internal(set) var evidence: EvidenceStatus = .pending
    package internal(set) var documents: [EnvelopeDocument]
    package internal(set) var requests: [SigningRequest]
    package internal(set) var artifacts: [Artifact] = []
    package internal(set) var storedArtifacts: [ArtifactID] = []
    /// When the artifacts were last handed to the vault.
    package internal(set) var evidenceIssuedAt: Instant?
    package internal(set) var auditPositions: [AuditPosition] = []

    package var tenantID: TenantID { draft.tenantID }
    package var envelopeID: EnvelopeID { draft.envelopeID }

    /// Begins an envelope and asks for the prepared version of each document.
    ///
    /// - Throws: `TransitionError` `invalidDraft` for a draft without document or signer, or with an id used twice.
    package static func create(
        _ draft: EnvelopeDraft, policy: PolicyDecision, retentionClass: String, correlationID: String, at now: Instant,
        ids: IDSource
    ) throws(TransitionError) -> (Envelope, [EnvelopeEffect]) {
        guard isValid(draft) else { throw TransitionError(code: .invalidDraft, status: .draft) }
        var envelope = Envelope(
            draft: draft, policy: policy, retentionClass: retentionClass, correlationID: correlationID,
            isReleased: draft.send, updatedAt: now,
            documents: draft.documents.map { EnvelopeDocument(documentID: $0.documentID) },
            requests: draft.recipients.map(SigningRequest.init))
        var effects: [EnvelopeEffect] = []
        let hashes = draft.documents.count == 1 ? ["original_sha256": draft.documents[0].original.sha256] : [:]
        effects.append(
            envelope.record("envelope.created", documentID: draft.documents.first?.documentID, hashes: hashes))
        for index in envelope.documents.indices {
            effects.append(.prepareDocument(envelope.startPreparation(of: index, at: now, ids: ids)))
        }
        return (envelope, effects)
    }

    /// Applies one input and answers with what has to follow; an empty answer means that nothing changed.
    ///
    /// - Throws: `TransitionError` when the input does not fit; the envelope is then as before.
    package mutating func apply(
        _ input: EnvelopeInput, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        switch TransitionTable.verdict(on: input.kind, in: status) {
        case .ignore: return []
        case .refuse(let code): throw refusal(code)
        case .apply: break
        }
        var next = self
        let effects = try next.follow(input, at: now, ids: ids)
        if next != self { next.updatedAt = max(updatedAt, now) }
        self = next
        return effects
    }

    /// Remembers how far a producer's audit stream reached when it spoke about this envelope.
    package mutating func note(_ position: AuditPosition) {
        if let index = auditPositions.firstIndex(where: { $0.producer == position.producer }) {
            auditPositions[index].sequence = max(auditPositions[index].sequence, position.sequence)
        } else {
            auditPositions.append(position)
        }
    }

    /// Since when the oldest unanswered job waits; nil when nothing is owed.
    package var awaitingSince: Instant? {
        if status == .completed {
            let raising = documents.compactMap { $0.raising?.awaitedSince }.min()
            guard evidence == .pending, let evidenceIssuedAt else { return raising }
            return raising.map { min($0, evidenceIssuedAt) } ?? evidenceIssuedAt
        }
        return status.isTerminal ? nil : documents.compactMap { $0.job?.issuedAt }.min()
    }

    private mutating func follow(
        _ input: EnvelopeInput, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        switch input {
        case .release: return try release(at: now)
        case .void: return try void()
        case .resend(let id, let generation): return try resend(id, generation: generation)
        case .view(let id, let generation): return try view(id, generation: generation, at: now)
        case .submit(let id, let generation, let submission):
            return try submit(id, generation: generation, submission, at: now, ids: ids)
        case .decline(let id, let generation): return try decline(id, generation: generation, at: now)
        case .documentPrepared(let job, let document, let object):
            return try documentPrepared(job, document, object, at: now)
        case .documentSigned(let job, let document, let request, let revision, let level):
            return try documentSigned(job, document, request, revision, level, at: now, ids: ids)
        case .documentRaised(let job, let document, let revision, let level):
            return try documentRaised(job, document, revision, level, at: now)
        case .jobFailed(let job, let document, let code): return try jobFailed(job, document, code: code)
        case .delivery(let id, let generation, let kind, let status, let reason):
            return try deliver(id, generation: generation, kind, status, reason: reason, at: now)
        case .evidenceStored(let artifact): return try evidenceStored(artifact)
        case .deadline: return try expire(at: now)
        case .reissue(let limit): return reissue(issuedBefore: limit, at: now)
        }
    }

    private static func isValid(_ draft: EnvelopeDraft) -> Bool {
        let fields = draft.recipients.flatMap(\.fields)
        let indexes = Set(draft.documents.map(\.documentIndex))
        return !draft.documents.isEmpty
            && draft.recipients.contains { $0.role == .signer }
            && draft.recipients.allSatisfy { $0.orderIndex >= 1 }
            && fields.allSatisfy { indexes.contains($0.documentIndex) }
            && indexes.count == draft.documents.count
            && Set(draft.documents.map(\.documentID)).count == draft.documents.count
            && Set(draft.recipients.map(\.requestID)).count == draft.recipients.count
            && Set(draft.recipients.map(\.key)).count == draft.recipients.count
            && Set(fields.map(\.fieldID)).count == fields.count
    }
}
