// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Cryptography

/// What a request asks for, as 32 bytes: its canonical JSON and the SHA-256 of each file, never the raw body.
///
/// Two requests that differ only in white space, key order or multipart boundary have the same fingerprint.
package struct RequestFingerprint: Sendable, Hashable {
    package let bytes: [UInt8]

    /// Adds the parts in a fixed order: path parameters and query by name, JSON, then files in the order of the request.
    package init(
        pathParameters: [String: String] = [:], query: [(String, String)] = [], json: JSONValue? = nil,
        fileSHA256: [[UInt8]] = []
    ) {
        var hasher = DigestHasher(.sha256)
        hasher.update(Array("paraph/idempotency/v1".utf8) + [0])
        let path = JSONValue.object(pathParameters.mapValues { .string($0) })
        let query = JSONValue.array(query.map { [.string($0.0), .string($0.1)] })
        for part in [path.canonicalBytes(), query.canonicalBytes(), json?.canonicalBytes() ?? []] + fileSHA256 {
            // Each part is preceded by its length, so that no two rows of parts give the same bytes.
            hasher.update((0..<8).reversed().map { UInt8(truncatingIfNeeded: part.count >> ($0 * 8)) })
            hasher.update(part)
        }
        bytes = hasher.finalize()
    }

    /// Takes stored bytes.
    init(bytes: [UInt8]) { self.bytes = bytes }
}
