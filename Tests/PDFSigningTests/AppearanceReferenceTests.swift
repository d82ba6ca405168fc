// SPDX-License-Identifier: Apache-2.0
import Foundation
import PDFSigning
import Testing

/// Appearances as people see them, compared with pictures that were looked at.
///
/// A missing picture is written when `PARAPH_RECORD=1` is set; look at it before you keep it.
@Suite(.enabled(if: Tool.exists("pdftocairo"), "needs pdftocairo"))
struct AppearanceReferenceTests {
    private func compare(_ document: [UInt8], _ name: String) throws {
        let png = try RenderedPage.png(of: document)
        let reference = Fixtures.tests.appending(path: "References/\(name).png")
        let isMissing = !FileManager.default.fileExists(atPath: reference.path)
        if isMissing, ProcessInfo.processInfo.environment["PARAPH_RECORD"] == "1" {
            try Data(png).write(to: reference)
        }
        let expected = try RenderedPage(png: Array(Data(contentsOf: reference)))
        let difference = try RenderedPage(png: png).difference(from: expected)
        #expect(difference < 12, "\(name) differs by \(difference)")
    }

    @Test(arguments: AppearanceSample.all)
    func `SIG-01: a visible signature looks like its reference picture`(sample: AppearanceSample) throws {
        try compare(sample.signed(), sample.name)
    }

    @Test func `SIG-01: filled fields look like their reference picture`() throws {
        try compare(FieldSample.filled(), "fields")
    }

    @Test(arguments: ["compact-named", "compact-keyed"])
    func `fonts with CFF outlines are embedded too`(font: String) throws {
        var sample = AppearanceSample(name: font, lines: ["AB CAB", "CC BA"])
        sample.fonts = Fixtures.font(font)
        try compare(sample.signed(), "compact")
    }

    @Test func `a wrong letter is a difference`() throws {
        var sample = AppearanceSample.all[0]
        let right = try RenderedPage(png: RenderedPage.png(of: sample.signed()))
        sample.lines[0] = sample.lines[0].replacing("Zoë", with: "Joe")
        sample.lines[1] = "Sealed by nobody"
        let wrong = try RenderedPage(png: RenderedPage.png(of: sample.signed()))
        #expect(right.difference(from: right) == 0)
        #expect(right.difference(from: wrong) > 12)
    }
}
