// SPDX-License-Identifier: Apache-2.0
import Clocks
import HTTPServer
import ServiceAPI

/// Lets a request in: token, scope, pace.
struct AccessGuard: Sendable {
    let accounts: AccountStore
    let denials: DenialRecorder
    let writes: RateLimiter
    let reads: RateLimiter
    let proxies: TrustedProxies
    let clock: BusinessClock

    /// The caller, when its token is good and has the scope.
    ///
    /// - Parameter scope: Nil for what every token may.
    /// - Throws: `ProblemDetails` 401, 403 or 429; a denial is recorded before it is answered.
    func admit(_ request: HTTPRequest, scope: Scope?) async throws -> Principal {
        guard let token = Self.bearer(request).flatMap({ APIToken($0) }),
            let principal = try await accounts.principal(of: token)
        else {
            denials.countStranger()
            throw Self.unauthenticated("Send Authorization: Bearer with a token of a service account.")
        }
        try (request.method == .get || request.method == .head ? reads : writes).take(principal.accountID)
        if principal.isRevoked || principal.expiresAt <= clock.now() {
            try await deny(principal, principal.isRevoked ? "token_revoked" : "token_expired", request)
            throw Self.unauthenticated("The token has expired or was revoked; make a new one.")
        }
        if let scope, !principal.scopes.contains(scope) {
            try await deny(principal, "scope_missing", request)
            throw ProblemDetails(.forbidden, "The token needs the scope \(scope.rawValue).")
        }
        return principal
    }

    private func deny(_ principal: Principal, _ reason: String, _ request: HTTPRequest) async throws {
        try await denials.record(
            principal, reason: reason, route: "\(request.method.rawValue) \(request.routeTemplate)",
            address: proxies.clientAddress(of: request))
    }

    private static func bearer(_ request: HTTPRequest) -> String? {
        guard let header = request.header("authorization") else { return nil }
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    private static func unauthenticated(_ detail: String) -> ProblemDetails {
        ProblemDetails(.unauthenticated, detail, headers: [("WWW-Authenticate", "Bearer realm=\"paraph\"")])
    }
}
