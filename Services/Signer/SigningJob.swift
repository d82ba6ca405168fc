// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging

/// One job of the pool, of any kind.
enum SigningJob: Sendable {
    case prepare(PrepareDocumentV1)
    case sign(SignDocumentV1)
    case raise(RaiseDocumentV1)

    /// - Throws: `PermanentFailure` for a type or payload this version does not know.
    init(_ message: InboundMessage) throws {
        switch message.type {
        case PrepareDocumentV1.messageType: self = .prepare(try message.decode(PrepareDocumentV1.self))
        case SignDocumentV1.messageType: self = .sign(try message.decode(SignDocumentV1.self))
        case RaiseDocumentV1.messageType: self = .raise(try message.decode(RaiseDocumentV1.self))
        default: throw PermanentFailure(code: "unknown_type", detail: message.type)
        }
    }

    /// What makes two jobs the same job.
    struct Key: Hashable, Sendable {
        let tenantID: TenantID
        let envelopeID: EnvelopeID
        let documentID: DocumentID
        /// The nil UUID where no recipient asked: for the prepared version and raised ones.
        let requestID: UUID
        let version: Int
    }

    static let noRequest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    var key: Key {
        switch self {
        case .prepare(let job):
            Key(
                tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID,
                requestID: Self.noRequest, version: job.version)
        case .sign(let job):
            Key(
                tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID,
                requestID: job.requestID.uuid, version: job.version)
        case .raise(let job):
            Key(
                tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID,
                requestID: Self.noRequest, version: job.version)
        }
    }

    var jobID: JobID {
        switch self {
        case .prepare(let job): job.jobID
        case .sign(let job): job.jobID
        case .raise(let job): job.jobID
        }
    }

    var artifactID: ArtifactID {
        switch self {
        case .prepare(let job): job.artifactID
        case .sign(let job): job.artifactID
        case .raise(let job): job.artifactID
        }
    }

    var policy: PolicyDecision {
        switch self {
        case .prepare(let job): job.policy
        case .sign(let job): job.policy
        case .raise(let job): job.policy
        }
    }

    /// The time the job fixes, so that a repeat gives the same bytes.
    var fixedTime: Instant {
        switch self {
        case .prepare(let job): job.preparedAt
        case .sign(let job): job.signingTime
        case .raise(let job): job.requestedAt
        }
    }

    /// Whether it waits for authorities outside, so that others should not wait for it.
    var asksAuthorities: Bool {
        switch self {
        case .prepare: false
        case .sign(let job): job.policy.padesLevel >= .timestamped
        case .raise: true
        }
    }

    /// The event that it ends with in the audit log.
    var auditType: AuditEventType {
        switch self {
        case .prepare: "document.prepared"
        case .sign: "document.signed"
        case .raise: "document.raised"
        }
    }

    var requestID: RequestID? {
        switch self {
        case .prepare, .raise: nil
        case .sign(let job): job.requestID
        }
    }
}

/// What came of a job.
enum SigningOutcome: Sendable {
    /// `level` is nil for the prepared version, and for signatures of B-B that an earlier version stored.
    case stored(revision: ObjectReference, certificateSHA256: ContentDigest?, level: PAdESLevel?)
    /// For a reason that no repetition changes.
    case refused(code: String)
    /// Not now: nothing is stored or said, and the job is issued again.
    case deferred(code: String)
}

/// A job's outcome, and what the audit log has to know of how it came about.
struct MadeRevision: Sendable {
    let outcome: SigningOutcome
    var keyUse: KeyUse?
    /// Of the newest timestamp that the job added.
    var timestamp: TimestampSource?
    /// What was wrong with the document and put right before anything was added; a sentence each.
    var repairs: [String] = []

    init(
        _ outcome: SigningOutcome, keyUse: KeyUse? = nil, timestamp: TimestampSource? = nil, repairs: [String] = []
    ) {
        self.outcome = outcome
        self.keyUse = keyUse
        self.timestamp = timestamp
        self.repairs = repairs
    }
}

struct SigningWork: Sendable {
    let message: InboundMessage
    let job: SigningJob
    /// Set when an earlier attempt finished it.
    let known: SigningOutcome?
}

struct SigningResult: Sendable {
    let message: InboundMessage
    let job: SigningJob
    let made: MadeRevision
    /// The outcome was stored for an earlier message, which only needs its answer again.
    let isRepeat: Bool

    var outcome: SigningOutcome { made.outcome }
    var keyUse: KeyUse? { made.keyUse }

    var isDeferred: Bool { if case .deferred = made.outcome { true } else { false } }
}

/// What a job did with a key, stored or not.
struct KeyUse: Sendable {
    let keyID: UUID
    let purpose: SealPurpose
    let operations: Int
}
