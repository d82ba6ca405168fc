// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// Shows shaped lines with the text operators of ISO 32000-2, 9.4.
struct TextContent {
    let fonts: EmbeddedFonts
    let size: Double

    /// Appends one line; `used` collects the fonts.
    func append(
        _ line: ShapedLine, x: Double, baseline: Double, to content: inout [UInt8], _ used: inout [Int]
    ) {
        guard !line.runs.isEmpty else { return }
        content.append(ascii: "BT \(AppearanceDrawing.numbers([x, baseline])) Td ")
        var pen = Pen()
        for run in line.runs {
            guard let index = fonts.index(of: run.font) else { continue }
            if !used.contains(index) { used.append(index) }
            content.append(ascii: "/F\(index) \(PDFNumberText.text(size)) Tf [")
            let font = fonts.embedded[index]
            for cluster in run.clusters {
                let glyphs = run.glyphs[cluster.glyphs]
                let source = line.source[cluster.scalars]
                let isSpan = !Self.says(source, glyphs, font, isRightToLeft: run.isRightToLeft)
                if isSpan { beginSpan(source, &pen, to: &content) }
                for glyph in glyphs { append(glyph, of: run.font, font, &pen, to: &content) }
                if isSpan {
                    pen.endString(in: &content)
                    content.append(ascii: "]TJ EMC [")
                }
            }
            pen.endString(in: &content)
            content.append(ascii: "]TJ ")
            if pen.rise != 0 { content.append(ascii: "0 Ts ") }
            pen.rise = 0
        }
        content.append(ascii: "ET\n")
    }

    /// Where a line is while it is written.
    private struct Pen {
        /// In thousandths of an em: where the reader's pen is, and where it should be.
        var position = 0
        var wanted = 0.0
        /// Font units above the baseline.
        var rise = 0
        var isInString = false

        mutating func endString(in content: inout [UInt8]) {
            if isInString { content.append(UInt8(ascii: ">")) }
            isInString = false
        }
    }

    /// True when the glyphs, in reading order, say exactly the text.
    private static func says(
        _ source: ArraySlice<UInt32>, _ glyphs: ArraySlice<ShapedGlyph>, _ font: EmbeddedFont, isRightToLeft: Bool
    ) -> Bool {
        if glyphs.count == 1, let glyph = glyphs.first { return source.elementsEqual(font.text(of: glyph.id)) }
        let texts = isRightToLeft ? glyphs.reversed().map { font.text(of: $0.id) } : glyphs.map { font.text(of: $0.id) }
        return source.elementsEqual(texts.joined())
    }

    /// Puts the text itself beside glyphs that cannot say it (14.9.4).
    private func beginSpan(_ source: ArraySlice<UInt32>, _ pen: inout Pen, to content: inout [UInt8]) {
        pen.endString(in: &content)
        content.append(ascii: "]TJ /Span<</ActualText ")
        var text: [UInt8] = [0xFE, 0xFF]
        for scalar in source { Self.appendUTF16(scalar, to: &text) }
        PDFSerializer.append(string: text, to: &content)
        content.append(ascii: ">>BDC [")
    }

    private func append(
        _ glyph: ShapedGlyph, of file: FontFile, _ font: EmbeddedFont, _ pen: inout Pen, to content: inout [UInt8]
    ) {
        let scale = 1000 / Double(file.unitsPerEm)
        if glyph.yOffset != pen.rise {
            pen.endString(in: &content)
            content.append(ascii: "]TJ \(PDFNumberText.text(Double(glyph.yOffset) * scale / 1000 * size)) Ts [")
            pen.rise = glyph.yOffset
        }
        let step = Int((pen.wanted + Double(glyph.xOffset) * scale - Double(pen.position)).rounded())
        if step != 0 {
            pen.endString(in: &content)
            content.append(decimal: -step)
            pen.position += step
        }
        if !pen.isInString { content.append(UInt8(ascii: "<")) }
        pen.isInString = true
        let (code, width) = font.glyph(glyph.id)
        content.append(hex: UInt8(code >> 8 & 0xFF))
        content.append(hex: UInt8(code & 0xFF))
        pen.position += width
        pen.wanted += Double(glyph.advance) * scale
    }

    static func appendUTF16(_ scalar: UInt32, to bytes: inout [UInt8]) {
        for unit in String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf16 {
            bytes.append(UInt8(unit >> 8))
            bytes.append(UInt8(unit & 0xFF))
        }
    }
}
