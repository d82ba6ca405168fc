// SPDX-License-Identifier: Apache-2.0

/// Why a keyed request is not worked on.
package enum IdempotencyError: Error, Equatable {
    /// The request has no `Idempotency-Key`.
    case keyMissing
    /// The key has more than 255 characters.
    case keyTooLong
    /// The key is empty, comes twice, is badly quoted or is not printable ASCII.
    case keyMalformed
    /// The key was used for a request with other content.
    case fingerprintMismatch
    /// Another attempt works on the key; the same request may be sent again after this time.
    case stillRunning(retryAfterSeconds: Int)
    /// The lease ran out and another attempt has taken over: nothing of this one may be committed.
    case leaseLost
}
