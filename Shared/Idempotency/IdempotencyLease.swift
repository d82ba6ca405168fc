// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Synchronization

/// The right to work on one key; lost when it is not renewed in time.
package struct IdempotencyLease: Sendable {
    package let scope: IdempotencyScope
    /// The ids that the work has to use, fixed by the first attempt.
    package let reserved: [String: UUID]
    /// 1 for the first; a later attempt goes on after one that ended without an outcome.
    package let attempt: Int
    /// What an earlier attempt knew the request to be.
    package let fingerprint: RequestFingerprint?
    let token: UUID
    let progress: LeaseProgress

    /// Whether an outcome was committed under this lease.
    package var isFinished: Bool { progress.state.withLock { $0.isFinished } }

    /// - Throws: `IdempotencyError.fingerprintMismatch` when an earlier attempt had another request.
    package func check(_ fingerprint: RequestFingerprint) throws(IdempotencyError) {
        if let known = self.fingerprint, known != fingerprint { throw .fingerprintMismatch }
    }
}

/// What changes during a lease, shared by its copies.
final class LeaseProgress: Sendable {
    struct State {
        var renewedAt = ContinuousClock.now
        var isFinished = false
    }

    let state = Mutex(State())
}

/// A key whose outcome exists.
package struct FinishedRequest: Sendable {
    private let fingerprint: RequestFingerprint
    private let stored: StoredResponse

    init(fingerprint: RequestFingerprint, response: StoredResponse) {
        self.fingerprint = fingerprint
        stored = response
    }

    /// The first outcome, for a request that asks for the same.
    /// - Throws: `IdempotencyError.fingerprintMismatch` for any other request.
    package func response(to fingerprint: RequestFingerprint) throws(IdempotencyError) -> StoredResponse {
        guard fingerprint == self.fingerprint else { throw .fingerprintMismatch }
        return stored
    }
}

/// What to do with a keyed request.
package enum IdempotencyDecision: Sendable {
    /// Do the work, with the ids of the lease.
    case proceed(IdempotencyLease)
    /// Compare fingerprints, then repeat the outcome.
    case finished(FinishedRequest)
}
