// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging

/// One job of the pool, either kind.
enum SigningJob: Sendable {
    case prepare(PrepareDocumentV1)
    case sign(SignDocumentV1)

    /// - Throws: `PermanentFailure` for a type or payload this version does not know.
    init(_ message: InboundMessage) throws {
        switch message.type {
        case PrepareDocumentV1.messageType: self = .prepare(try message.decode(PrepareDocumentV1.self))
        case SignDocumentV1.messageType: self = .sign(try message.decode(SignDocumentV1.self))
        default: throw PermanentFailure(code: "unknown_type", detail: message.type)
        }
    }

    /// What makes two jobs the same job.
    struct Key: Hashable, Sendable {
        let tenantID: TenantID
        let envelopeID: EnvelopeID
        let documentID: DocumentID
        /// The nil UUID for the prepared version.
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
        }
    }

    var jobID: JobID {
        switch self {
        case .prepare(let job): job.jobID
        case .sign(let job): job.jobID
        }
    }

    var artifactID: ArtifactID {
        switch self {
        case .prepare(let job): job.artifactID
        case .sign(let job): job.artifactID
        }
    }

    var policy: PolicyDecision {
        switch self {
        case .prepare(let job): job.policy
        case .sign(let job): job.policy
        }
    }

    /// The time the job fixes, so that a repeat gives the same bytes.
    var fixedTime: Instant {
        switch self {
        case .prepare(let job): job.preparedAt
        case .sign(let job): job.signingTime
        }
    }

    var requestID: RequestID? {
        switch self {
        case .prepare: nil
        case .sign(let job): job.requestID
        }
    }
}

/// What came of a job: a stored revision, or a reason that no repetition changes.
enum SigningOutcome: Sendable {
    case stored(revision: ObjectReference, certificateSHA256: ContentDigest?)
    case refused(code: String)
}

/// What came of one attempt, and what was done for it.
struct MadeRevision: Sendable {
    let outcome: SigningOutcome
    var keyUse: KeyUse?
    /// What was wrong with the document and put right before anything was added; a sentence each.
    var repairs: [String] = []
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
    let outcome: SigningOutcome
    let keyUse: KeyUse?
    let repairs: [String]
    /// The outcome was stored for an earlier message, which only needs its answer again.
    let isRepeat: Bool
}

/// What a job did with a key, stored or not.
struct KeyUse: Sendable {
    let keyID: UUID
    let purpose: SealPurpose
    let operations: Int
}
