// SPDX-License-Identifier: Apache-2.0

/// A point in time in whole microseconds, the resolution of PostgreSQL's `timestamptz`.
package struct Instant: Sendable, Hashable, Comparable {
    /// Counted from 1970-01-01T00:00:00Z, without leap seconds.
    package let microseconds: Int64

    /// Takes microseconds since 1970 in UTC.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// Takes seconds since 1970 in UTC, rounded to the nearest microsecond.
    package init(secondsSince1970 seconds: Double) {
        microseconds = Self.microseconds(ofSeconds: seconds)
    }

    /// Parses an RFC 3339 date-time with any offset; digits below the microsecond are cut off.
    package init?(rfc3339 text: String) {
        guard let microseconds = RFC3339.microseconds(of: text) else { return nil }
        self.init(microseconds: microseconds)
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// UTC text ending in `Z`; 3 digits for the API, 6 for what is hashed, 0 for none; lower digits are cut off.
    package func rfc3339(fractionDigits: Int) -> String {
        RFC3339.text(of: microseconds, fractionDigits: fractionDigits)
    }

    /// This instant moved by a possibly negative number of seconds; saturates at the ends of the 64-bit range.
    package func advanced(bySeconds seconds: Double) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(Self.microseconds(ofSeconds: seconds))
        if overflow { return Instant(microseconds: seconds < 0 ? .min : .max) }
        return Instant(microseconds: sum)
    }

    /// Seconds from the other instant to this one, negative when the other is later.
    package func seconds(since other: Instant) -> Double {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(other.microseconds)
        return overflow ? (Double(microseconds) - Double(other.microseconds)) / 1e6 : Double(difference) / 1e6
    }

    /// Seconds since 1970 in UTC.
    package var secondsSince1970: Double { Double(microseconds) / 1e6 }

    /// 00:00:00 UTC of the same day.
    package var startOfDay: Instant {
        Instant(microseconds: RFC3339.day(of: microseconds) * RFC3339.microsecondsPerDay)
    }

    /// The UTC date, as in `2026-11-20`.
    package var date: String { String(rfc3339(fractionDigits: 0).prefix(10)) }

    /// The UTC month, as in `2026-11`.
    package var month: String { String(rfc3339(fractionDigits: 0).prefix(7)) }

    private static func microseconds(ofSeconds seconds: Double) -> Int64 {
        Int64(exactly: (seconds * 1e6).rounded()) ?? (seconds < 0 ? .min : .max)
    }
}

extension Instant: Codable {
    /// Reads RFC 3339 text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 date-time")
        }
        self = instant
    }

    /// Writes RFC 3339 text with six digits and `Z`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339(fractionDigits: 6))
    }
}

extension Instant: CustomStringConvertible {
    package var description: String { rfc3339(fractionDigits: 6) }
}
