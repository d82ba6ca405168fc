// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography

/// The file that says that a certificate was revoked: its name holds the serial number, its content time and reason.
struct RevocationRecord {
    private static let prefix = "revoked-"

    private let entry: RevokedCertificate

    init(_ entry: RevokedCertificate) {
        self.entry = entry
    }

    var name: String { Self.prefix + Hex.encode(entry.serialDER) }

    var content: [UInt8] { Array("\(entry.time.rfc3339(fractionDigits: 6)) \(entry.reason.rawValue)\n".utf8) }

    static func isName(_ name: String) -> Bool { name.hasPrefix(prefix) }

    static func read(name: String, content: [UInt8]) -> RevokedCertificate? {
        let words = String(decoding: content, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let time = Instant(rfc3339: String(words[0])),
            let reason = Int(words[1]).flatMap(RevocationReason.init(rawValue:)),
            let serial = Hex.decode(String(name.dropFirst(prefix.count)))
        else { return nil }
        return RevokedCertificate(serialDER: serial, time: time, reason: reason)
    }
}
