// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import HTTPServer
package import Keys
import Cryptography
import Foundation

/// A development authority over HTTP: timestamps, OCSP, revocation lists and issuers' certificates (`AuthorityPath`).
package struct AuthorityRoutes: Sendable {
    private static let maximumRequestBytes = 16_384

    private let authority: DevelopmentAuthority
    private let timestamps: TimestampResponder
    private let status: OCSPResponder
    private let clock: BusinessClock

    /// Draws new keys for timestamps and OCSP, certified by the authority.
    package init(authority: DevelopmentAuthority, clock: BusinessClock) throws(KeysError) {
        self.authority = authority
        self.clock = clock
        timestamps = try authority.timestampResponder(clock: clock)
        status = try authority.ocspResponder(clock: clock)
    }

    /// All routes; they need no state besides the authority's folder.
    package var router: Router {
        var router = Router()
        router.on(.post, AuthorityPath.timestamp) { [timestamps] request in
            let body = try await request.body.collect(maximumBytes: Self.maximumRequestBytes)
            return Self.answer(try timestamps.response(to: body), "application/timestamp-reply")
        }
        router.on(.post, AuthorityPath.ocsp) { request in
            try statusAnswer(to: await request.body.collect(maximumBytes: Self.maximumRequestBytes))
        }
        router.on(.get, AuthorityPath.ocsp + "/{request}") { request in
            // Base64 in a path is percent-encoded (RFC 6960, A.1); the router has decoded it.
            try statusAnswer(to: Array(Data(base64Encoded: request.pathParameters["request"] ?? "") ?? Data()))
        }
        for (path, isOfRoot) in [(AuthorityPath.rootList, true), (AuthorityPath.issuingList, false)] {
            router.on(.get, path) { [authority, clock] _ in
                Self.answer(
                    try authority.revocationList(ofRoot: isOfRoot, now: clock.now()), "application/pkix-crl")
            }
        }
        let certificates = [
            (AuthorityPath.rootCertificate, authority.root), (AuthorityPath.issuingCertificate, authority.issuing),
        ]
        for (path, certificate) in certificates {
            router.on(.get, path) { _ in Self.answer(certificate.der, "application/pkix-cert") }
        }
        return router
    }

    private func statusAnswer(to request: [UInt8]) throws -> HTTPResponse {
        Self.answer(
            try status.response(to: request, revoked: authority.revoked()), "application/ocsp-response")
    }

    private static func answer(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [("Content-Type", type)], body: .bytes(bytes))
    }
}
