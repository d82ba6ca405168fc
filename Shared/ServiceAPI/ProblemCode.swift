// SPDX-License-Identifier: Apache-2.0

/// A kind of problem that the API names; clients decide by `code`, people read `title`.
///
/// A service adds its own in an extension: `static let x = ProblemCode("too_many_documents", "Too many documents", 422)`.
package struct ProblemCode: Sendable, Hashable {
    /// Lower-case words with `_`; never changed once published.
    package let code: String
    package let title: String
    package let status: Int

    /// States a code; the title says nothing about a particular request.
    package init(_ code: String, _ title: String, _ status: Int) {
        self.code = code
        self.title = title
        self.status = status
    }
}

// MARK: - The request itself

extension ProblemCode {
    /// HTTP that cannot be read: bad percent sequences, an incomplete body.
    package static let malformedRequest = ProblemCode("malformed_request", "The request is malformed", 400)
    /// Not JSON, not UTF-8, or a key twice in one object.
    package static let malformedJSON = ProblemCode("malformed_json", "The body is not valid JSON", 400)
    /// A multipart body without the structure of RFC 7578.
    package static let malformedMultipart = ProblemCode("malformed_multipart", "The multipart body is malformed", 400)
    /// A query parameter with a value that it does not take.
    package static let invalidParameter = ProblemCode("invalid_parameter", "A query parameter is invalid", 400)
    /// A cursor that this API did not give out, or one of another list.
    package static let invalidCursor = ProblemCode("invalid_cursor", "The cursor is invalid", 400)
    /// JSON of the wrong shape; `errors` has a pointer for each fault.
    package static let validationFailed = ProblemCode("validation_failed", "The request is not valid", 422)
    /// Larger than the limit served at `GET /v1`.
    package static let bodyTooLarge = ProblemCode("body_too_large", "The body is too large", 413)
    package static let headersTooLarge = ProblemCode("headers_too_large", "The header fields are too large", 431)
    package static let unsupportedMediaType = ProblemCode(
        "unsupported_media_type", "The content type is not supported", 415)
    package static let notAcceptable = ProblemCode("not_acceptable", "No accepted content type is available", 406)
    package static let methodNotAllowed = ProblemCode("method_not_allowed", "The method is not allowed here", 405)
    /// Also for another tenant's ids, so that nobody learns what exists.
    package static let notFound = ProblemCode("not_found", "There is nothing here", 404)
    /// A range beyond the end (RFC 9110, 15.5.17).
    package static let rangeNotSatisfiable = ProblemCode("range_not_satisfiable", "The range is outside", 416)
}

// MARK: - Who asks, and how often

extension ProblemCode {
    /// No token, or one that is unknown, expired or revoked.
    package static let unauthenticated = ProblemCode("unauthenticated", "A valid token is needed", 401)
    /// A token without the scope that the route needs.
    package static let forbidden = ProblemCode("forbidden", "The token does not allow this", 403)
    package static let rateLimited = ProblemCode("rate_limited", "Too many requests", 429)
    /// Work is piling up behind this service.
    package static let overloaded = ProblemCode("overloaded", "Too much work in hand", 503)
    /// Something this service needs does not answer.
    package static let unavailable = ProblemCode("unavailable", "Temporarily unavailable", 503)
    package static let internalError = ProblemCode("internal_error", "Something went wrong here", 500)
}

// MARK: - Idempotency keys

extension ProblemCode {
    package static let idempotencyKeyMissing = ProblemCode(
        "idempotency_key_missing", "An idempotency key is needed", 400)
    package static let idempotencyKeyInvalid = ProblemCode(
        "idempotency_key_invalid", "The idempotency key is invalid", 400)
    package static let idempotencyKeyReused = ProblemCode(
        "idempotency_key_reused", "The idempotency key was used for another request", 422)
    package static let idempotencyKeyInUse = ProblemCode(
        "idempotency_key_in_use", "A request with this key is still running", 409)
}

extension ProblemCode {
    /// The codes that every API of Paraph may answer, for its description.
    package static let common: [ProblemCode] = [
        .malformedRequest, .malformedJSON, .malformedMultipart, .invalidParameter, .invalidCursor, .validationFailed,
        .bodyTooLarge, .headersTooLarge, .unsupportedMediaType, .notAcceptable, .methodNotAllowed, .notFound,
        .rangeNotSatisfiable, .unauthenticated, .forbidden, .rateLimited, .overloaded, .unavailable, .internalError,
        .idempotencyKeyMissing, .idempotencyKeyInvalid, .idempotencyKeyReused, .idempotencyKeyInUse,
    ]
}
