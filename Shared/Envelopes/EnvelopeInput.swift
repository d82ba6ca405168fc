// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// Everything that can happen to an envelope after its creation.
package enum EnvelopeInput: Sendable, Hashable {
    /// The sender releases a draft.
    case release
    case void
    /// The sender wants a new link of the named generation for one recipient.
    case resend(RequestID, generation: Int)
    case view(RequestID, generation: Int)
    case submit(RequestID, generation: Int, Submission)
    case decline(RequestID, generation: Int)
    case documentPrepared(JobID, DocumentID, ObjectReference)
    case documentSigned(JobID, DocumentID, RequestID, revision: ObjectReference, level: PAdESLevel)
    case documentRaised(JobID, DocumentID, revision: ObjectReference, level: PAdESLevel)
    case jobFailed(JobID, DocumentID, code: String)
    case delivery(RequestID, generation: Int, NotificationKind, DeliveryStatus, reason: String?)
    case evidenceStored(ArtifactID)
    /// The clock reached the envelope's deadline.
    case deadline
    /// Jobs issued before the instant got no answer; they are issued again under the same ids.
    case reissue(issuedBefore: Instant)

    /// The row of the transition table.
    package var kind: EnvelopeInputKind {
        switch self {
        case .release: .release
        case .void: .void
        case .resend: .resend
        case .view: .view
        case .submit: .submit
        case .decline: .decline
        case .documentPrepared: .documentPrepared
        case .documentSigned: .documentSigned
        case .documentRaised: .documentRaised
        case .jobFailed: .jobFailed
        case .delivery: .delivery
        case .evidenceStored: .evidenceStored
        case .deadline: .deadline
        case .reissue: .reissue
        }
    }

    /// The recipient it concerns.
    package var requestID: RequestID? {
        switch self {
        case .resend(let id, _), .view(let id, _), .submit(let id, _, _), .decline(let id, _),
            .documentSigned(_, _, let id, _, _), .delivery(let id, _, _, _, _):
            id
        case .release, .void, .documentPrepared, .documentRaised, .jobFailed, .evidenceStored, .deadline, .reissue: nil
        }
    }
}

/// The rows of the transition table.
package enum EnvelopeInputKind: Sendable, Hashable, CaseIterable {
    case release
    case void
    case resend
    case view
    case submit
    case decline
    case documentPrepared
    case documentSigned
    case documentRaised
    case jobFailed
    case delivery
    case evidenceStored
    case deadline
    case reissue

    /// The event that a refusal is recorded under: what would have happened.
    package var auditType: AuditEventType {
        switch self {
        case .release: "envelope.sent"
        case .void: "envelope.voided"
        case .resend: "recipient.link_reissued"
        case .view: "recipient.viewed"
        case .submit: "recipient.consented"
        case .decline: "recipient.declined"
        case .documentPrepared: "document.prepared"
        case .documentSigned: "document.signed"
        case .documentRaised: "document.evidence_extended"
        case .jobFailed: "envelope.failed"
        case .delivery: "recipient.notified"
        case .evidenceStored: "evidence.stored"
        case .deadline: "envelope.expired"
        case .reissue: "signing.reissued"
        }
    }
}
