// SPDX-License-Identifier: Apache-2.0
import Clocks

extension Envelope {
    mutating func resend(_ id: RequestID, generation: Int) throws(TransitionError) -> [EnvelopeEffect] {
        let index = try signer(id)
        guard requests[index].openedAt != nil else { throw refusal(.notOpen) }
        if generation <= requests[index].generation { return [] }
        guard generation == requests[index].generation + 1 else { throw refusal(.unknownLink) }
        guard requests[index].status.isActionable else { throw refusal(.alreadySigned) }
        requests[index].generation = generation
        requests[index].delivery = .queued
        requests[index].deliveryReason = nil
        return [
            record("recipient.link_reissued", announced: .recipientOpened, requestID: id),
            .notify(id, generation: generation, .signingRequest),
        ]
    }

    mutating func view(
        _ id: RequestID, generation: Int, at now: Instant
    ) throws(TransitionError) -> [EnvelopeEffect] {
        let index = try openRequest(id, generation: generation)
        guard requests[index].viewedAt == nil, requests[index].status.isActionable else { return [] }
        try checkDeadline(at: now)
        try move(index, to: .viewed)
        requests[index].viewedAt = now
        try begin()
        return [record("recipient.viewed", announced: .recipientViewed, requestID: id)]
    }

    mutating func submit(
        _ id: RequestID, generation: Int, _ submission: Submission, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        if let earlier = request(id)?.submission {
            guard earlier == submission else { throw refusal(.alreadySigned) }
            return []
        }
        let index = try openRequest(id, generation: generation)
        guard requests[index].status.isActionable else {
            throw refusal(requests[index].status == .declined ? .alreadyDeclined : .envelopeEnded)
        }
        try checkDeadline(at: now)
        try check(submission, of: id)
        try move(index, to: .consented)
        try begin()
        requests[index].consentedAt = now
        requests[index].submission = submission
        var hashes = ["disclosure_sha256": submission.consent.disclosureSHA256]
        if submission.consent.documents.count == 1, let document = submission.consent.documents.first {
            hashes["prepared_sha256"] = document.preparedSHA256
            hashes["revision_sha256"] = document.revisionSHA256
        }
        let consent = record(
            "recipient.consented", announced: .recipientSigning, requestID: id,
            documentID: submission.consent.documents.first?.documentID, hashes: hashes)
        return [consent] + (try enqueueSignatures(of: index, at: now, ids: ids))
    }

    mutating func decline(
        _ id: RequestID, generation: Int, at now: Instant
    ) throws(TransitionError) -> [EnvelopeEffect] {
        if status == .declined {
            guard request(id)?.status == .declined else { throw refusal(.envelopeEnded) }
            return []
        }
        let index = try openRequest(id, generation: generation)
        guard requests[index].status.isActionable else { throw refusal(.alreadySigned) }
        try checkDeadline(at: now)
        try move(index, to: .declined)
        requests[index].declinedAt = now
        let told = recipientsToTell().filter { $0.requestID != id }
        try end(as: .declined)
        return [
            record("recipient.declined", announced: .recipientDeclined, requestID: id),
            record("envelope.declined", announced: .envelopeDeclined, requestID: id),
        ] + told.map { .notify($0.requestID, generation: $0.generation, .declined) }
    }

    mutating func deliver(
        _ id: RequestID, generation: Int, _ kind: NotificationKind, _ outcome: DeliveryStatus, reason: String?,
        at now: Instant
    ) throws(TransitionError) -> [EnvelopeEffect] {
        guard let index = requests.firstIndex(where: { $0.requestID == id }) else { throw refusal(.unknownRequest) }
        guard generation <= requests[index].generation else { throw refusal(.unknownLink) }
        // The outcome of a mail with a superseded link says nothing about the valid one.
        guard generation == requests[index].generation else { return [] }
        let isInvitation = kind == .signingRequest || requests[index].role == .copy
        switch outcome {
        case .queued:
            return []
        case .accepted:
            guard isInvitation, requests[index].delivery != .accepted else { return [] }
            requests[index].delivery = .accepted
            requests[index].deliveryReason = nil
            requests[index].notifiedAt = requests[index].notifiedAt ?? now
            if requests[index].status == .pending { try move(index, to: .notified) }
            return [record("recipient.notified", announced: .recipientNotified, requestID: id)]
        case .bounced, .failed:
            if isInvitation {
                guard requests[index].delivery != outcome else { return [] }
                requests[index].delivery = outcome
                requests[index].deliveryReason = reason
            }
            return [
                record(
                    "recipient.delivery_failed", announced: .recipientDeliveryFailed, requestID: id, reason: reason)
            ]
        }
    }

    /// The first act of any recipient.
    private mutating func begin() throws(TransitionError) {
        if status == .sent { try move(to: .inProgress) }
    }

    private func signer(_ id: RequestID) throws(TransitionError) -> Int {
        guard let index = requests.firstIndex(where: { $0.requestID == id }) else { throw refusal(.unknownRequest) }
        guard requests[index].role == .signer else { throw refusal(.notASigner) }
        return index
    }

    private func openRequest(_ id: RequestID, generation: Int) throws(TransitionError) -> Int {
        let index = try signer(id)
        guard requests[index].openedAt != nil else { throw refusal(.notOpen) }
        if generation < requests[index].generation { throw refusal(.supersededLink) }
        if generation > requests[index].generation { throw refusal(.unknownLink) }
        return index
    }

    private func checkDeadline(at now: Instant) throws(TransitionError) {
        if let expiresAt = draft.expiresAt, now >= expiresAt { throw refusal(.deadlinePassed) }
    }

    private func check(_ submission: Submission, of id: RequestID) throws(TransitionError) {
        var agreed: [DocumentID: ContentDigest] = [:]
        for document in submission.consent.documents { agreed[document.documentID] = document.preparedSHA256 }
        let isComplete =
            submission.consent.documents.count == documents.count
            && documents.allSatisfy { $0.prepared != nil && agreed[$0.documentID] == $0.prepared?.sha256 }
        guard isComplete else { throw refusal(.consentMismatch) }
        let own = Set((recipient(id)?.fields ?? []).map(\.fieldID))
        let given = submission.values.map(\.fieldID)
        guard own.isSuperset(of: given), Set(given).count == given.count else { throw refusal(.unknownField) }
    }
}
