// SPDX-License-Identifier: Apache-2.0

/// The one place that says what may happen when; everything that is not here is refused and audited.
package enum TransitionTable {
    /// What to do with an input in a state.
    package enum Verdict: Sendable, Hashable {
        case apply
        /// A duplicate, or too late to matter; changes nothing and is no fault.
        case ignore
        case refuse(TransitionError.Code)
    }

    /// The states that an envelope can go to from `status`.
    package static func successors(of status: EnvelopeStatus) -> Set<EnvelopeStatus> {
        switch status {
        case .draft: [.prepared, .voided, .expired, .failed]
        case .prepared: [.sent, .voided, .expired, .failed]
        case .sent: [.inProgress, .declined, .voided, .expired, .failed]
        case .inProgress: [.completed, .declined, .voided, .expired, .failed]
        case .completed, .declined, .voided, .expired, .failed: []
        }
    }

    /// The states that a signing request can go to from `status`.
    package static func successors(of status: RequestStatus) -> Set<RequestStatus> {
        switch status {
        case .pending: [.notified, .viewed, .consented, .declined, .delegated, .expired, .superseded]
        case .notified: [.viewed, .consented, .declined, .delegated, .expired, .superseded]
        case .viewed: [.consented, .declined, .delegated, .expired, .superseded]
        case .consented: [.signing, .superseded]
        case .signing: [.signed, .superseded]
        case .signed, .declined, .delegated, .expired, .superseded: []
        }
    }

    /// Whether an input is considered at all; `apply` still checks the recipient, the link and the job.
    package static func verdict(on input: EnvelopeInputKind, in status: EnvelopeStatus) -> Verdict {
        switch input {
        case .release: release(in: status)
        case .void: void(in: status)
        case .resend: whileOpen(status, completed: .refuse(.envelopeEnded), declined: .refuse(.envelopeEnded))
        case .view: whileOpen(status, completed: .ignore, declined: .refuse(.envelopeEnded))
        case .submit: whileOpen(status, completed: .apply, declined: .refuse(.envelopeEnded))
        case .decline: whileOpen(status, completed: .refuse(.alreadySigned), declined: .apply)
        case .documentPrepared, .documentSigned, .jobFailed: result(input, in: status)
        case .documentRaised: status == .completed ? .apply : .refuse(.unknownJob)
        case .delivery: delivery(in: status)
        case .evidenceStored: evidenceStored(in: status)
        case .deadline: status.isTerminal ? .ignore : .apply
        case .reissue: reissue(in: status)
        }
    }

    private static func release(in status: EnvelopeStatus) -> Verdict {
        switch status {
        case .draft, .prepared: .apply
        case .sent, .inProgress, .completed: .ignore
        case .declined, .voided, .expired, .failed: .refuse(.envelopeEnded)
        }
    }

    private static func void(in status: EnvelopeStatus) -> Verdict {
        switch status {
        case .draft, .prepared, .sent, .inProgress: .apply
        case .voided: .ignore
        case .completed, .declined, .expired, .failed: .refuse(.envelopeEnded)
        }
    }

    private static func whileOpen(_ status: EnvelopeStatus, completed: Verdict, declined: Verdict) -> Verdict {
        switch status {
        case .draft, .prepared: .refuse(.notSent)
        case .sent, .inProgress: .apply
        case .completed: completed
        case .declined: declined
        case .voided, .expired, .failed: .refuse(.envelopeEnded)
        }
    }

    /// Results of the pool: a result for an ended envelope is refused, so that it is seen in the audit log.
    private static func result(_ input: EnvelopeInputKind, in status: EnvelopeStatus) -> Verdict {
        let isFailure = input == .jobFailed
        return switch status {
        case .draft: input == .documentSigned ? .refuse(.unknownJob) : .apply
        case .prepared, .sent: input == .documentPrepared ? .apply : .refuse(.unknownJob)
        case .inProgress, .completed: .apply
        case .declined, .voided, .expired, .failed: isFailure ? .ignore : .refuse(.envelopeEnded)
        }
    }

    private static func delivery(in status: EnvelopeStatus) -> Verdict {
        switch status {
        case .draft, .prepared: .refuse(.notSent)
        case .sent, .inProgress, .completed, .declined, .voided, .expired: .apply
        case .failed: .ignore
        }
    }

    private static func evidenceStored(in status: EnvelopeStatus) -> Verdict {
        switch status {
        case .completed: .apply
        case .draft, .prepared, .sent, .inProgress, .declined, .voided, .expired, .failed: .refuse(.unknownArtifact)
        }
    }

    private static func reissue(in status: EnvelopeStatus) -> Verdict {
        switch status {
        case .draft, .inProgress, .completed: .apply
        case .prepared, .sent, .declined, .voided, .expired, .failed: .ignore
        }
    }
}
