// SPDX-License-Identifier: Apache-2.0
import CHarfBuzz

/// A stretch of one font, script and direction, in logical order.
private struct Stretch {
    let font: FontFile
    let script: UInt32
    let level: Int8
    var range: Range<Int>
}

extension FontLibrary {
    /// Sets one line: direction by UAX #9, fonts by what they cover, glyphs by HarfBuzz.
    ///
    /// A character that no font covers is shown as U+FFFD, never as an empty box, so that one rare character stops
    /// nobody from signing; `ShapedLine.source` still has it.
    /// - Parameter isRightToLeft: The direction of the paragraph; nil takes that of its first letter.
    /// - Throws: `TypographyError` when a font that the text needs is missing.
    package func shape(_ text: String, isRightToLeft: Bool? = nil) throws(TypographyError) -> ShapedLine {
        let source = DisplayText.scalars(of: text)
        var scalars = source
        let bidi = BidiLevels(scalars, base: isRightToLeft)
        let fonts = try fonts(for: &scalars)
        let stretches = Self.stretches(scalars, fonts, bidi.levels)
        let runs = BidiLevels.visualOrder(stretches, level: \.level).map { stretch in
            let isRightToLeft = stretch.level % 2 == 1
            return ShapedLine.Run(
                font: stretch.font,
                glyphs: stretch.font.shape(
                    scalars, stretch.range, script: stretch.script, isRightToLeft: isRightToLeft),
                isRightToLeft: isRightToLeft, range: stretch.range)
        }
        return ShapedLine(source: source, scalars: scalars, runs: runs, isRightToLeft: bidi.isRightToLeft)
    }

    /// One font for each scalar; scalars that none covers become U+FFFD.
    private func fonts(for scalars: inout [UInt32]) throws(TypographyError) -> [FontFile] {
        let first = try firstFont()
        var fonts: [FontFile] = []
        fonts.reserveCapacity(scalars.count)
        for index in scalars.indices {
            let scalar = scalars[index]
            let current = fonts.last ?? first
            // Marks, spaces and signs stay with their neighbours, so that text is not torn apart.
            if index > 0 || scalar < 0x80, DisplayText.isIgnorable(scalar) || Self.isNeutral(scalar),
                DisplayText.isIgnorable(scalar) || current.glyph(for: scalar) != nil
            {
                fonts.append(current)
            } else if first.glyph(for: scalar) != nil {
                fonts.append(first)
            } else if let font = try font(covering: scalar) {
                if index > 0, paraph_hb_is_mark(scalar) != 0, font.glyph(for: scalars[index - 1]) != nil {
                    fonts[index - 1] = font
                }
                fonts.append(font)
            } else {
                scalars[index] = first.glyph(for: 0xFFFD) != nil ? 0xFFFD : 0x3F
                fonts.append(first)
            }
        }
        return fonts
    }

    private static func isNeutral(_ scalar: UInt32) -> Bool {
        paraph_hb_script(scalar) == 0
    }

    private static func stretches(_ scalars: [UInt32], _ fonts: [FontFile], _ levels: [Int8]) -> [Stretch] {
        var stretches: [Stretch] = []
        var script: UInt32 = scalars.lazy.map { paraph_hb_script($0) }.first { $0 != 0 } ?? 0
        for index in scalars.indices {
            let own = paraph_hb_script(scalars[index])
            if own != 0 { script = own }
            if let last = stretches.last, last.font === fonts[index], last.script == script,
                last.level == levels[index]
            {
                stretches[stretches.count - 1].range = last.range.lowerBound..<(index + 1)
            } else {
                stretches.append(
                    Stretch(font: fonts[index], script: script, level: levels[index], range: index..<(index + 1)))
            }
        }
        return stretches
    }
}
