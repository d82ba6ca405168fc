// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials

extension Envelope {
    /// The recipient as the sender named them; nil for an unknown id.
    package func recipient(_ id: RequestID) -> Recipient? {
        draft.recipients.first { $0.requestID == id }
    }

    /// The request's state; nil for an unknown id.
    package func request(_ id: RequestID) -> SigningRequest? {
        requests.first { $0.requestID == id }
    }

    mutating func release(at now: Instant) throws(TransitionError) -> [EnvelopeEffect] {
        if isReleased { return [] }
        isReleased = true
        return status == .prepared ? try send(at: now) : [record("envelope.released")]
    }

    mutating func send(at now: Instant) throws(TransitionError) -> [EnvelopeEffect] {
        try move(to: .sent)
        sentAt = now
        return [record("envelope.sent", announced: .envelopeSent)] + openNextOrder(at: now)
    }

    /// Opens the lowest order that still has somebody to sign; equal orders open together.
    mutating func openNextOrder(at now: Instant) -> [EnvelopeEffect] {
        let unopened = requests.filter { $0.role == .signer && $0.openedAt == nil }
        guard let order = unopened.map(\.orderIndex).min() else { return [] }
        var effects: [EnvelopeEffect] = []
        for index in requests.indices where requests[index].orderIndex == order && requests[index].role == .signer {
            requests[index].openedAt = now
            let id = requests[index].requestID
            effects.append(record("recipient.opened", announced: .recipientOpened, requestID: id))
            effects.append(.notify(id, generation: requests[index].generation, .signingRequest))
        }
        return effects
    }

    /// Goes on after a signature: the next order, or the end.
    mutating func advance(at now: Instant, ids: IDSource) throws(TransitionError) -> [EnvelopeEffect] {
        let signers = requests.filter { $0.role == .signer }
        if signers.allSatisfy({ $0.status == .signed }) { return try complete(at: now, ids: ids) }
        let isOrderDone = signers.allSatisfy { $0.openedAt == nil || $0.status == .signed }
        return isOrderDone ? openNextOrder(at: now) : []
    }

    private mutating func complete(at now: Instant, ids: IDSource) throws(TransitionError) -> [EnvelopeEffect] {
        try move(to: .completed)
        completedAt = now
        evidenceIssuedAt = now
        artifacts = documents.compactMap { document in
            document.current.map {
                Artifact(
                    artifactID: $0.artifactID, documentID: document.documentID, kind: .signedDocument, version: 1,
                    padesLevel: document.level ?? .basic, createdAt: now, object: $0)
            }
        }
        let hashes = artifacts.count == 1 ? ["signed_sha256": artifacts[0].object.sha256] : [:]
        var effects = [record("envelope.completed", announced: .envelopeCompleted, hashes: hashes)]
        effects += artifacts.map(EnvelopeEffect.storeEvidence)
        effects += startRaising(at: now, ids: ids)
        effects += requests.map { .notify($0.requestID, generation: $0.generation, .completed) }
        return effects
    }

    mutating func void() throws(TransitionError) -> [EnvelopeEffect] {
        let told = recipientsToTell()
        try end(as: .voided)
        return [record("envelope.voided", announced: .envelopeVoided)]
            + told.map { .notify($0.requestID, generation: $0.generation, .voided) }
    }

    /// Ends the envelope at its deadline; a submission that was accepted in time is finished first.
    mutating func expire(at now: Instant) throws(TransitionError) -> [EnvelopeEffect] {
        guard let expiresAt = draft.expiresAt, now >= expiresAt else { return [] }
        guard !requests.contains(where: { $0.status == .consented || $0.status == .signing }) else { return [] }
        let told = recipientsToTell().filter { $0.status.isActionable }
        try end(as: .expired)
        for index in requests.indices where requests[index].role == .signer && requests[index].status.isActionable {
            try move(index, to: .expired)
        }
        return [record("envelope.expired", announced: .envelopeExpired)]
            + told.map { .notify($0.requestID, generation: $0.generation, .expired) }
    }

    /// Those who have had a link.
    func recipientsToTell() -> [SigningRequest] {
        requests.filter { $0.role == .signer && $0.openedAt != nil }
    }

    /// Ends without completion: nothing is in hand any more, so late results find no job.
    mutating func end(as status: EnvelopeStatus) throws(TransitionError) {
        try move(to: status)
        for index in documents.indices {
            documents[index].job = nil
            documents[index].waiting = []
        }
    }

    mutating func move(to next: EnvelopeStatus) throws(TransitionError) {
        guard TransitionTable.successors(of: status).contains(next) else { throw refusal(.illegalMove) }
        status = next
    }

    mutating func move(_ index: Int, to next: RequestStatus) throws(TransitionError) {
        guard TransitionTable.successors(of: requests[index].status).contains(next) else {
            throw refusal(.illegalMove)
        }
        requests[index].status = next
    }

    func refusal(_ code: TransitionError.Code) -> TransitionError {
        TransitionError(code: code, status: status)
    }

    mutating func record(
        _ type: AuditEventType, announced: EnvelopeEventKind? = nil, requestID: RequestID? = nil,
        documentID: DocumentID? = nil, artifactID: ArtifactID? = nil, reason: String? = nil,
        hashes: [String: ContentDigest] = [:]
    ) -> EnvelopeEffect {
        if announced != nil { sequence += 1 }
        return .occurred(
            EnvelopeOccurrence(
                type: type, announced: announced, requestID: requestID, documentID: documentID,
                artifactID: artifactID, reason: reason, hashes: hashes))
    }
}
