// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
import Cryptography

/// Short-lived bearer tokens between the services of one installation.
///
/// The token is `v1.<claims>.<code>`: claims are issuer, audience and expiry in microseconds, separated by `|`; the
/// code is HMAC-SHA-256 over all before it.
package struct ServiceIdentity: Sendable {
    /// How long a token is good for.
    package static let lifetimeSeconds = 60.0
    /// How far the clocks of two services may differ.
    private static let skewSeconds = 10.0

    /// The name that this service's own tokens carry, such as "intake".
    package let service: String
    private let key: [UInt8]

    init(service: String, key: [UInt8]) {
        precondition(!service.contains("|"), "a service's name has no separator")
        self.service = service
        self.key = key
    }

    /// A token that only `audience` accepts.
    package func token(for audience: String, at now: Instant) -> String {
        let expiry = now.advanced(bySeconds: Self.lifetimeSeconds).microseconds
        let claims = "v1." + Base64URL.encode(Array("\(service)|\(audience)|\(expiry)".utf8))
        return claims + "." + Base64URL.encode(code(for: claims))
    }

    /// The name of the service that the token was made by, for this service.
    /// - Throws: `KeysError.invalidServiceToken`, without saying why: the caller is not to learn it.
    package func verify(_ token: String, at now: Instant) throws(KeysError) -> String {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard
            parts.count == 3, parts[0] == "v1", let code = Base64URL.decode(String(parts[2])),
            ConstantTime.isEqual(code, self.code(for: "v1.\(parts[1])")),
            let claims = Base64URL.decode(String(parts[1]))
        else { throw .invalidServiceToken }
        let fields = String(decoding: claims, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[1] == service, let expiry = Int64(fields[2]) else {
            throw .invalidServiceToken
        }
        let remaining = Instant(microseconds: expiry).seconds(since: now)
        guard remaining > -Self.skewSeconds, remaining <= Self.lifetimeSeconds + Self.skewSeconds else {
            throw .invalidServiceToken
        }
        return String(fields[0])
    }

    private func code(for claims: String) -> [UInt8] {
        HMACSHA256.code(for: Array("paraph/service/\(claims)".utf8), key: key)
    }
}
