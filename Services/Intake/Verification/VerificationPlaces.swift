// SPDX-License-Identifier: Apache-2.0
import ServiceAPI
import Synchronization

/// Bounds how many documents from outside lie in memory at once, those still arriving or waiting for a verdict included.
final class VerificationPlaces: Sendable {
    private let free: Mutex<Int>

    /// With `count` places of up to `Limits.documentBytes` each.
    init(_ count: Int) { free = Mutex(count) }

    /// Holds a place while the body runs, whatever becomes of it.
    /// - Throws: `ProblemDetails` 503 when all places are taken, so that callers wait and not this process; what the body throws.
    func holdingOne<Result>(_ body: () async throws -> Result) async throws -> Result {
        let isFree = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        guard isFree else {
            throw ProblemDetails(
                .overloaded, "Other documents are being verified; send the same request again later.",
                retryAfterSeconds: 10)
        }
        defer { free.withLock { $0 += 1 } }
        return try await body()
    }
}
