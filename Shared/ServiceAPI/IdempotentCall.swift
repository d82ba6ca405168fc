// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
package import HTTPServer
package import Idempotency
package import Postgres
import Synchronization

/// One keyed request while its handler works on it.
package final class IdempotentCall: Sendable {
    private let store: IdempotencyStore
    private let decision: IdempotencyDecision
    private let fingerprint = Mutex<RequestFingerprint?>(nil)

    init(store: IdempotencyStore, decision: IdempotencyDecision) {
        self.store = store
        self.decision = decision
    }

    /// Whether the outcome exists already: read the request for its fingerprint, but store nothing of it.
    package var isReplay: Bool {
        if case .finished = decision { true } else { false }
    }

    /// Whether an earlier attempt ended without an outcome, so that things may exist under the reserved ids.
    package var isResumed: Bool { (lease?.attempt ?? 1) > 1 }

    /// The id that was reserved under this name; nil in a replay.
    package func reserved(_ name: String) -> UUID? { lease?.reserved[name] }

    /// Keeps the key while bytes arrive or a long step makes progress; cheap to call.
    /// - Throws: `IdempotencyError.leaseLost` when another attempt has taken over.
    package func keepAlive() async throws {
        if let lease { try await store.keepAlive(lease) }
    }

    /// States what the request asks for; has to be called before `finish`, as soon as the body is read.
    ///
    /// - Throws: In a replay the answer itself, which ends the handler; `IdempotencyError.fingerprintMismatch`.
    package func confirm(_ fingerprint: RequestFingerprint) throws {
        switch decision {
        case .finished(let finished): throw IdempotentReplay(response: try finished.response(to: fingerprint))
        case .proceed(let lease): try lease.check(fingerprint)
        }
        self.fingerprint.withLock { $0 = fingerprint }
    }

    /// Stores the answer in the transaction of the effect; only answers that were stored are replayed.
    /// - Throws: `IdempotencyError.leaseLost` when another attempt has taken over; the transaction has failed then.
    package func finish(_ response: HTTPResponse, in transaction: PostgresTransaction) async throws {
        let (lease, fingerprint) = try finishable()
        try await store.finish(
            lease, fingerprint: fingerprint, response: try StoredResponse(response), in: transaction)
    }

    /// As `finish`, as a statement for the caller's own last pipeline, which saves a round trip.
    package func finishStatement(
        _ response: HTTPResponse, in transaction: PostgresTransaction
    ) throws -> PostgresStatement {
        let (lease, fingerprint) = try finishable()
        store.markFinished(lease, onCommitOf: transaction)
        return store.finishStatement(lease, fingerprint: fingerprint, response: try StoredResponse(response))
    }

    var lease: IdempotencyLease? {
        if case .proceed(let lease) = decision { lease } else { nil }
    }

    private func finishable() throws(IdempotentCallError) -> (IdempotencyLease, RequestFingerprint) {
        guard let lease, let fingerprint = fingerprint.withLock({ $0 }) else { throw .notConfirmed }
        return (lease, fingerprint)
    }
}

/// Ends a handler with the stored answer.
struct IdempotentReplay: Error {
    let response: StoredResponse
}

/// A handler that does not keep to the order of steps.
package enum IdempotentCallError: Error, Equatable {
    /// `confirm` has to come before `finish`, and a replay finishes nothing.
    case notConfirmed
    /// An answer that is kept for replays holds all its bytes.
    case streamedResponse
}

extension StoredResponse {
    /// What a replay has to repeat; date, trace and connection headers belong to one exchange only.
    private static let keptHeaders: Set<String> = [
        "content-type", "content-language", "location", "etag", "cache-control", "repr-digest",
    ]

    init(_ response: HTTPResponse) throws(IdempotentCallError) {
        let body: [UInt8]
        switch response.body {
        case .empty: body = []
        case .bytes(let bytes): body = bytes
        case .stream: throw .streamedResponse
        }
        self.init(
            status: response.status,
            headers: response.headers.filter { Self.keptHeaders.contains($0.0.lowercased()) }.map {
                Header(name: $0.0, value: $0.1)
            }, body: body)
    }

    var replay: HTTPResponse {
        HTTPResponse(
            status: status, headers: headers.map { ($0.name, $0.value) } + [("Idempotent-Replayed", "true")],
            body: body.isEmpty ? .empty : .bytes(body))
    }
}
