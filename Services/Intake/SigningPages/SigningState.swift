// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes

/// An act of a recipient, each done at most once by a link.
enum RecipientAct: String, Sendable {
    case view
    case fields
    case decline
}

/// A signing link with what the person did by it, whether or not the orchestrator has heard of it.
struct SigningState: Sendable {
    let link: SigningLink
    let acts: Set<RecipientAct>

    /// The documents that the recipient consents to: all of them, today one.
    var documents: [DocumentSnapshot] { link.snapshot.documents.sorted { $0.documentIndex < $1.documentIndex } }

    /// The word that the page and its JSON show; it runs ahead of the read model by what was accepted here.
    var status: RequestStatus {
        guard let known = link.signer?.status else { return .pending }
        guard known.isActionable else { return known == .consented ? .signing : known }
        if acts.contains(.decline) { return .declined }
        if acts.contains(.fields) { return .signing }
        return acts.contains(.view) ? .viewed : known
    }

    /// True once a submission of the person was accepted.
    var hasSubmitted: Bool { status == .signing || status == .signed }

    /// - Throws: `SigningProblem` when this link does not open the page any more, or not yet.
    func checkOpen(at now: Instant) throws(SigningProblem) {
        guard let signer = link.signer, let recipient = link.recipient else { throw .notFound }
        guard recipient.role == .signer else { throw .nothingToSign }
        if signer.status == .signed || signer.status == .declined { return }
        guard link.isCurrent, signer.status != .superseded else { throw .superseded }
        switch link.snapshot.status {
        case .voided: throw .voided
        case .declined: throw .declinedByOther
        case .expired: throw .expired
        case .failed: throw .failed
        case .draft, .prepared, .sent, .inProgress, .completed: break
        }
        // What was accepted in time is finished.
        let hasActed = hasSubmitted || acts.contains(.decline)
        if let end = link.draft.expiresAt, end <= now, !hasActed { throw .expired }
        guard signer.openedAt != nil else { throw .notYourTurn }
    }
}
