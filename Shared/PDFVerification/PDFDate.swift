// SPDX-License-Identifier: Apache-2.0
import Clocks

/// Date strings (ISO 32000-2, 7.9.4).
enum PDFDate {
    /// The time of `D:YYYYMMDDHHmmSSOHH'mm`, of which everything behind the year may be missing; nil for anything else.
    static func instant(_ text: String) -> Instant? {
        var rest = Array(text.utf8)[...]
        if rest.starts(with: Array("D:".utf8)) { rest = rest.dropFirst(2) }
        let digits = rest.prefix { (48...57).contains($0) }.prefix(14)
        guard digits.count >= 4, digits.count % 2 == 0 else { return nil }
        let missing = Array("00000101000000".utf8)
        let full = String(decoding: digits + missing[digits.count...], as: UTF8.self)
        func part(_ range: Range<Int>) -> Substring { full.dropFirst(range.lowerBound).prefix(range.count) }
        let zone = String(decoding: rest[digits.endIndex...].filter { $0 != UInt8(ascii: "'") }, as: UTF8.self)
        return Instant(
            rfc3339: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
                + offset(zone))
    }

    private static func offset(_ zone: String) -> String {
        guard let sign = zone.first, sign == "+" || sign == "-", zone.count >= 3 else { return "Z" }
        let digits = zone.dropFirst().prefix(4)
        return "\(sign)\(digits.prefix(2)):\(digits.count == 4 ? digits.suffix(2) : "00")"
    }
}
