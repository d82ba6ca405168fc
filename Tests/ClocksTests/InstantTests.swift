// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials
import Testing

struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
            ("2000-02-29T23:59:59.9999999Z", 951_868_799_999_999), ("1969-12-31T23:59:59.999999z", -1),
            ("2026-11-20t12:00:00.000Z", 1_795_176_000_000_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func `RFC 3339 text is read to the microsecond`(text: String, microseconds: Int64) throws {
        let instant = try #require(Instant(rfc3339: text))
        #expect(instant.microseconds == microseconds)
        #expect(Instant(rfc3339: instant.rfc3339(fractionDigits: 6)) == instant)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-11-20T12:00:00", "2026-11-20 12:00:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+25:00",
        "+026-01-01T00:00:00Z", "2026-01-01T00:00:00,5Z", "2100-02-29T00:00:00Z",
    ])
    func `anything else is refused`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `text has as many digits as asked for`() {
        let instant = Instant(microseconds: 1_795_176_000_123_456)
        #expect(instant.rfc3339(fractionDigits: 6) == "2026-11-20T12:00:00.123456Z")
        #expect(instant.rfc3339(fractionDigits: 3) == "2026-11-20T12:00:00.123Z")
        #expect(instant.rfc3339(fractionDigits: 0) == "2026-11-20T12:00:00Z")
        #expect(Instant(microseconds: -1).rfc3339(fractionDigits: 3) == "1969-12-31T23:59:59.999Z")
    }

    @Test func `every day of four centuries goes both ways`() {
        for day in -36_525..<(36_525 * 3) {
            let instant = Instant(microseconds: Int64(day) * 86_400_000_000)
            let text = instant.rfc3339(fractionDigits: 0)
            if Instant(rfc3339: text) != instant { Issue.record("\(text) is not day \(day)") }
        }
    }

    @Test func `days and months are those of UTC`() throws {
        let instant = try #require(Instant(rfc3339: "2026-12-01T00:30:00+01:00"))
        #expect(instant.month == "2026-11")
        #expect(instant.date == "2026-11-30")
        #expect(instant.startOfDay.rfc3339(fractionDigits: 0) == "2026-11-30T00:00:00Z")
        #expect(Instant(microseconds: -1).startOfDay.microseconds == -86_400_000_000)
    }

    @Test func `moving saturates instead of trapping`() {
        let instant = Instant(microseconds: 0)
        #expect(instant.advanced(bySeconds: 1.5).microseconds == 1_500_000)
        #expect(instant.advanced(bySeconds: -0.000001).microseconds == -1)
        #expect(instant.advanced(bySeconds: .infinity).microseconds == .max)
        #expect(Instant(microseconds: .max).advanced(bySeconds: 1).microseconds == .max)
        #expect(instant.advanced(bySeconds: 90).seconds(since: instant) == 90)
    }

    @Test func `JSON carries six digits`() throws {
        let data = try JSONEncoder().encode([Instant(microseconds: 1)])
        #expect(String(decoding: data, as: UTF8.self) == #"["1970-01-01T00:00:00.000001Z"]"#)
        #expect(try JSONDecoder().decode([Instant].self, from: data) == [Instant(microseconds: 1)])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Instant].self, from: Data(#"["x"]"#.utf8)) }
    }
}
