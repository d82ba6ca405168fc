// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing
import Typography

@testable import PDFSigning

/// That text fits, and can be found and copied again.
struct AppearanceTextTests {
    private let fonts = FontLibrary.installed

    private func fit(_ lines: [String], _ width: Double, _ height: Double) throws -> FittedText {
        try FittedText(lines, width: width, height: height, maximumSize: 12, fonts: fonts)
    }

    private func text(_ line: ShapedLine) -> String { line.text(0..<line.source.count) }

    @Test func `text with room enough keeps its size and its lines`() throws {
        let fitted = try fit(["Signed by Zoë", "2026-11-20"], 200, 60)
        #expect(fitted.size == 12)
        #expect(fitted.lines.map(text) == ["Signed by Zoë", "2026-11-20"])
    }

    @Test func `text is shrunk before it is wrapped, and wrapped before it is cut`() throws {
        let name = "Maria Magdalena Wilhelmina von Hohenlohe"
        let shrunk = try fit([name], 190, 40)
        #expect(shrunk.lines.count == 1 && shrunk.size < 12 && shrunk.size > 7)
        let wrapped = try fit([name], 80, 40)
        #expect(wrapped.lines.count > 1)
        #expect(wrapped.lines.map(text).joined(separator: " ") == name)
        let cut = try fit([name, "Second"], 30, 10)
        #expect(cut.lines.count == 2)
        #expect(text(cut.lines[0]).hasSuffix("…") && text(cut.lines[0]).hasPrefix("Maria"))
    }

    @Test func `a field of many lines is wrapped before it is shrunk, one of a single line never`() throws {
        let name = "Maria Magdalena Wilhelmina von Hohenlohe"
        func fit(_ wrapping: FittedText.Wrapping) throws -> FittedText {
            try FittedText([name], width: 175, height: 40, maximumSize: 12, fonts: fonts, wrapping: wrapping)
        }
        #expect(try fit(.always).size == 12)
        #expect(try fit(.always).lines.count == 2)
        #expect(try fit(.never).lines.count == 1)
        #expect(try fit(.whenSmall).lines.count == 1)
    }

    @Test func `lines that have no room at all are dropped, and the last shown one says so`() throws {
        let fitted = try fit(["One", "Two", "Three", "Four"], 40, 10)
        #expect(fitted.lines.map(text) == ["One", "Two…"])
    }

    @Test func `words and clusters longer than a line are broken, marks stay with their letters`() throws {
        let fitted = try fit([String(repeating: "e\u{301}", count: 60)], 60, 60)
        #expect(fitted.lines.count > 1)
        for line in fitted.lines { #expect(line.source.first == 0x65 && line.source.count % 2 == 0) }
    }

    @Test func `ideographs are wrapped anywhere`() throws {
        let fitted = try fit([String(repeating: "王小明", count: 12)], 80, 60)
        #expect(fitted.lines.count > 1)
        #expect(fitted.lines.map(text).joined() == String(repeating: "王小明", count: 12))
    }

    @Test func `any text fits any rectangle`() throws {
        let texts = [
            "", " ", "W", "Zoë Müller (e-mail link)", "محمد الشريف وقّع هذا المستند",
            String(repeating: "x", count: 3_000),
        ]
        for (width, height) in [(1.0, 1.0), (36, 11), (300, 8), (8, 300), (595, 842), (0.01, 50)] {
            for count in [1, 4, 200] {
                let fitted = try fit((0..<count).map { texts[$0 % texts.count] }, width, height)
                let isLineHigh = height >= 5
                #expect(fitted.height <= height + 0.01 || !isLineHigh)
                for line in fitted.lines where width > 20 { #expect(line.width * fitted.size <= width + 0.01) }
            }
        }
    }

    @Test(.enabled(if: Tool.exists("pdftotext"), "needs pdftotext"))
    func `what is shown can be copied, also from right to left and with marks`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lines = [
            "Zoë Müller ﬁne e\u{301}x office", "محمد الشريف", "王小明", "श्रीमती शर्मा", "Привет",
        ]
        let sample = AppearanceSample(name: "x", lines: lines)
        try Tool.write(sample.signed(), to: "\(folder)/a.pdf")
        let output = try Tool.run(["pdftotext", "\(folder)/a.pdf", "-"]).output
        // poppler marks the direction of what it prints; that is not part of the text.
        let plain = String(
            String.UnicodeScalarView(output.unicodeScalars.filter { !(0x202A...0x202E).contains($0.value) }))
        for line in lines { #expect(plain.contains(line), "\(line) in \(plain.debugDescription)") }
    }

    @Test func `one revision embeds each font once, with only the glyphs it shows`() throws {
        let bytes = try FieldSample.filled()
        let text = String(decoding: bytes.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
        let names = text.ranges(of: "/Type /FontDescriptor").count
        #expect(names == 2)
        #expect(bytes.count < 20_000)
    }

    @Test func `a Latin signature adds less than 8 KB besides the signature itself`() throws {
        let base = try AppearanceSample.all[0].prepared()
        let signed = try AppearanceSample.all[0].signed()
        let reserved = try SigningFixture.p256.get().reservedBytes * 2
        #expect(signed.count - base.count - reserved < 8 << 10)
    }

    @Test func `a missing font is refused by name, not replaced`() throws {
        var sample = AppearanceSample.all[0]
        sample.fonts = FontLibrary(folder: "/nowhere")
        #expect {
            _ = try sample.signed()
        } throws: {
            ($0 as? PDFError)?.code == .fontMissing && ($0 as? PDFError)?.detail.contains("NotoSans-Regular") == true
        }
    }
}
