// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import FoundationEssentials
package import HTTPServer
package import Idempotency
package import Logging
import ServiceKit

/// Wraps a handler so that a retry does nothing or gets exactly the first outcome.
package struct IdempotencyMiddleware: Sendable {
    private let store: IdempotencyStore
    private let logger: Logger

    /// One for all routes of a service.
    package init(store: IdempotencyStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Answers a request whose body is small JSON; it is read before the key is claimed.
    ///
    /// - Parameters:
    ///   - reserving: New ids for a first attempt, by name.
    ///   - handler: Does its work in one transaction that also finishes the call. An answer that it returns without
    ///     having finished the call is a refusal: it is not kept, and the key is free for a corrected request.
    package func respond(
        to request: HTTPRequest, tenantID: UUID, serviceAccountID: UUID, maximumBytes: Int,
        reserving reserved: [String: UUID] = [:],
        _ handler: (IdempotentCall, JSONValue) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let scope = try Self.scope(of: request, tenantID: tenantID, serviceAccountID: serviceAccountID)
        let body = try await request.body.collect(maximumBytes: maximumBytes)
        // Acts without parameters may come without a body.
        let json = body.isEmpty ? JSONValue.object([:]) : try JSONBody.parse(body)
        let fingerprint = RequestFingerprint(
            pathParameters: request.pathParameters, query: request.query, json: json)
        return try await answer(scope, fingerprint: fingerprint, reserving: reserved) { call in
            try call.confirm(fingerprint)
            return try await handler(call, json)
        }
    }

    /// Answers a request whose body is streamed: the key is claimed before the first byte is read.
    ///
    /// The handler calls `keepAlive` as bytes arrive, and `confirm` with the fingerprint when the body is read; in a
    /// replay `confirm` throws the stored answer, so nothing may be stored before it when `isReplay` is true.
    package func stream(
        _ request: HTTPRequest, tenantID: UUID, serviceAccountID: UUID, reserving reserved: [String: UUID],
        _ handler: (IdempotentCall) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let scope = try Self.scope(of: request, tenantID: tenantID, serviceAccountID: serviceAccountID)
        return try await answer(scope, fingerprint: nil, reserving: reserved, handler)
    }

    private func answer(
        _ scope: IdempotencyScope, fingerprint: RequestFingerprint?, reserving reserved: [String: UUID],
        _ handler: (IdempotentCall) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let decision = try await store.begin(scope, fingerprint: fingerprint, reserving: reserved)
        let call = IdempotentCall(store: store, decision: decision)
        do {
            let response = try await handler(call)
            // A server error may come after an effect outside the database, which the next attempt has to find.
            await release(call, forgetting: response.status < 500)
            return response
        } catch let replay as IdempotentReplay {
            return replay.response.replay
        } catch {
            await release(call, forgetting: ProblemFallback.problem(for: error).code.status < 500)
            throw error
        }
    }

    /// Best effort: what is not released ends with its lease.
    private func release(_ call: IdempotentCall, forgetting: Bool) async {
        guard let lease = call.lease, !lease.isFinished else { return }
        do {
            // A client that went away has cancelled this task.
            try await Shielded.run { [store] in try await store.release(lease, forgetting: forgetting) }
        } catch {
            logger.warning("idempotency key not released; a retry has to wait", [.error: .error(error)])
        }
    }

    private static func scope(
        of request: HTTPRequest, tenantID: UUID, serviceAccountID: UUID
    ) throws(IdempotencyError) -> IdempotencyScope {
        let values = request.headers.filter { $0.0 == "idempotency-key" }.map(\.1)
        return IdempotencyScope(
            tenantID: tenantID, serviceAccountID: serviceAccountID, method: request.method.rawValue,
            route: request.routeTemplate, key: try IdempotencyKey(headerValues: values))
    }
}
