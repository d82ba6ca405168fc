// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// A bearer token: a prefix that secret scanners know, 190 random bits, and a checksum that tells a typing error from a
/// revoked token without the database.
struct APIToken: Sendable {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let randomCount = 32
    private static let checksumCount = 6

    /// Shown once, kept nowhere.
    let text: String

    /// A new token.
    init(isLive: Bool) {
        let head = Self.prefix(isLive) + Self.randomText()
        text = head + Self.checksum(of: head)
    }

    /// Nil for text that cannot be a token of ours.
    init?(_ text: String) {
        guard text.utf8.count == Self.prefix(true).utf8.count + Self.randomCount + Self.checksumCount,
            text.hasPrefix(Self.prefix(true)) || text.hasPrefix(Self.prefix(false))
        else { return nil }
        guard
            text.utf8.suffix(Self.checksumCount).elementsEqual(
                Self.checksum(of: String(text.dropLast(Self.checksumCount))).utf8)
        else { return nil }
        self.text = text
    }

    /// What is stored.
    var sha256: [UInt8] { SHA256.digest(of: Array(text.utf8)) }

    private static func prefix(_ isLive: Bool) -> String { isLive ? "paraph_live_" : "paraph_test_" }

    private static func randomText() -> String {
        var letters: [UInt8] = []
        while letters.count < randomCount {
            // Bytes beyond a multiple of 62 would favour some letters.
            letters += SecureRandom.bytes(2 * randomCount).filter { $0 < 248 }.map { alphabet[Int($0) % 62] }
        }
        return String(decoding: letters.prefix(randomCount), as: UTF8.self)
    }

    private static func checksum(of head: String) -> String {
        var number = SHA256.digest(of: Array(head.utf8)).prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var letters: [UInt8] = []
        for _ in 0..<checksumCount {
            letters.append(alphabet[Int(number % 62)])
            number /= 62
        }
        return String(decoding: letters, as: UTF8.self)
    }
}
