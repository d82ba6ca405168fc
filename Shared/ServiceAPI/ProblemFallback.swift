// SPDX-License-Identifier: Apache-2.0
package import HTTPServer
import Idempotency
import Postgres

/// Turns whatever a handler throws into a problem; the one place where errors become HTTP.
package enum ProblemFallback {
    /// For `Router(fallback:)`.
    package static func respond(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        problem(for: error).response
    }

    /// The problem that a client may see; details of internal errors stay in the log.
    package static func problem(for error: any Error) -> ProblemDetails {
        switch error {
        case let problem as ProblemDetails: problem
        case let error as HTTPServerError: problem(for: error)
        case let error as IdempotencyError: problem(for: error)
        case let error as PostgresError where IdempotencyStore.meansLeaseLost(error):
            self.problem(for: IdempotencyError.leaseLost)
        case let error as PostgresError where error.isRetriable: unavailable
        case is CancellationError: unavailable
        default: ProblemDetails(.internalError, "Send the request again; report the trace_id when it stays so.")
        }
    }

    private static let unavailable = ProblemDetails(
        .unavailable, "Send the same request again in a moment.", retryAfterSeconds: 2)

    private static func problem(for error: HTTPServerError) -> ProblemDetails {
        switch error {
        case .notFound: ProblemDetails(.notFound, "Check the path and the id.")
        case .methodNotAllowed: ProblemDetails(.methodNotAllowed, "The Allow header lists the methods of this path.")
        case .malformedRequest(let reason): ProblemDetails(.malformedRequest, reason)
        case .bodyIncomplete: ProblemDetails(.malformedRequest, "The body ended too early; send it again.")
        case .malformedMultipart(let fault):
            ProblemDetails(.malformedMultipart, "The multipart body has a fault: \(fault.rawValue).")
        case .headersTooLarge: ProblemDetails(.headersTooLarge, "Send fewer or shorter header fields.")
        case .bodyTooLarge(let maximum): ProblemDetails(.bodyTooLarge, "At most \(maximum) bytes are taken here.")
        case .cancelled: unavailable
        case .bodyAlreadyRead, .streamLengthMismatch, .listenFailed, .startFailed:
            ProblemDetails(.internalError, "Send the request again; report the trace_id when it stays so.")
        }
    }

    private static func problem(for error: IdempotencyError) -> ProblemDetails {
        switch error {
        case .keyMissing:
            ProblemDetails(.idempotencyKeyMissing, "Send an Idempotency-Key header, such as a new UUID in quotes.")
        case .keyTooLong: ProblemDetails(.idempotencyKeyInvalid, "An Idempotency-Key has at most 255 characters.")
        case .keyMalformed:
            ProblemDetails(.idempotencyKeyInvalid, "Send one Idempotency-Key of printable ASCII, quoted or plain.")
        case .fingerprintMismatch:
            ProblemDetails(.idempotencyKeyReused, "Use a new key for a new request; repeat a request unchanged.")
        case .stillRunning(let seconds):
            ProblemDetails(
                .idempotencyKeyInUse, "Send the same request again after the time in Retry-After.",
                retryAfterSeconds: seconds)
        case .leaseLost:
            ProblemDetails(
                .idempotencyKeyInUse, "Another attempt took over; send the same request again.", retryAfterSeconds: 1)
        }
    }
}
