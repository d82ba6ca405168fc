// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import RetentionRules
import Testing

@Suite struct RetentionClassTests {
    private static func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    @Test func `RET-02: the class comes from creation, and everything from a test token is kept briefly`() {
        #expect(RetentionClass.class(named: "employment_7y", isLive: true) == .employment7Years)
        #expect(RetentionClass.class(named: nil, isLive: true) == .default7Years)
        #expect(RetentionClass.class(named: "forever", isLive: true) == nil)
        #expect(RetentionClass.class(named: "test_30d", isLive: true) == nil)
        #expect(RetentionClass.class(named: "employment_7y", isLive: false) == .test30Days)
    }

    @Test func `every class is found by its name and names are unique`() {
        for rule in RetentionClass.all { #expect(RetentionClass(named: rule.name) == rule) }
        #expect(Set(RetentionClass.all.map(\.name)).count == RetentionClass.all.count)
        #expect(RetentionClass(named: "") == nil)
    }

    @Test func `RET-02: what the signed document replaces goes earlier than the signed document`() throws {
        let anchor = try Self.at("2026-11-20T12:00:00Z")
        for rule in RetentionClass.selectable {
            #expect(rule.class(of: .signedDocument) == rule)
            #expect(rule.class(of: .revision).dueDate(anchoredAt: anchor) < rule.dueDate(anchoredAt: anchor))
        }
        #expect(RetentionClass.test30Days.class(of: .originalDocument) == .test30Days)
    }

    @Test func `a period of years ends on the same date, and a leap day on the first of March`() throws {
        let due = RetentionClass.employment7Years.dueDate(anchoredAt: try Self.at("2026-11-20T12:34:56.789Z"))
        #expect(due.rfc3339(fractionDigits: 6) == "2033-11-20T12:34:56.789000Z")
        let leap = RetentionPeriod.years(7).end(from: try Self.at("2024-02-29T23:00:00Z"))
        #expect(leap.rfc3339(fractionDigits: 0) == "2031-03-01T23:00:00Z")
        let still = RetentionPeriod.years(4).end(from: try Self.at("2024-02-29T23:00:00Z"))
        #expect(still.rfc3339(fractionDigits: 0) == "2028-02-29T23:00:00Z")
    }

    @Test func `RET-01: disposal before the due instant is refused, from it on allowed`() throws {
        let anchor = try Self.at("2026-11-20T12:00:00Z")
        let due = RetentionClass.test30Days.dueDate(anchoredAt: anchor)
        #expect(due.rfc3339(fractionDigits: 0) == "2026-12-20T12:00:00Z")
        let rule = RetentionClass.test30Days
        #expect(rule.disposal(anchoredAt: anchor, at: due.advanced(bySeconds: -0.000_001)) == .refused(until: due))
        #expect(rule.disposal(anchoredAt: anchor, at: due) == .allowed)
    }
}
