// SPDX-License-Identifier: Apache-2.0

/// A glyph in its place after the one before; all measures in font units.
package struct ShapedGlyph: Sendable, Equatable {
    /// Its number in the font.
    package let id: UInt32
    /// Index of the first scalar of `ShapedLine.scalars` that it stands for.
    package let cluster: Int
    /// How far the pen goes to the right; kerning included.
    package let advance: Int
    /// Shift of the drawing to the right, not of the pen.
    package let xOffset: Int
    /// Shift of the drawing upwards, not of the pen.
    package let yOffset: Int
}

/// One line of text as glyphs from left to right.
package struct ShapedLine: Sendable {
    /// Neighbours of one font and one direction.
    package struct Run: Sendable {
        /// What the glyphs are of.
        package let font: FontFile
        /// From left to right.
        package let glyphs: [ShapedGlyph]
        /// True for scripts such as Arabic: then clusters fall from left to right.
        package let isRightToLeft: Bool
        /// The scalars that the run shows.
        package let range: Range<Int>

        /// Glyphs that together stand for some scalars, from left to right.
        package var clusters: [(glyphs: Range<Int>, scalars: Range<Int>)] {
            var starts: [Int] = []
            for index in glyphs.indices where index == 0 || glyphs[index].cluster != glyphs[index - 1].cluster {
                starts.append(index)
            }
            return starts.indices.map { place in
                let next = place + 1 < starts.count ? starts[place + 1] : glyphs.count
                let first = glyphs[starts[place]].cluster
                // The cluster that follows in the text stands to the right, or to the left.
                let follower = isRightToLeft ? place - 1 : place + 1
                let end = starts.indices.contains(follower) ? glyphs[starts[follower]].cluster : range.upperBound
                return (starts[place]..<next, first..<max(first, end))
            }
        }
    }

    /// What was asked for, in logical order, without control characters.
    package let source: [UInt32]
    /// The same with U+FFFD for what no font covers.
    package let scalars: [UInt32]
    /// From left to right.
    package let runs: [Run]
    /// True when the paragraph begins at the right.
    package let isRightToLeft: Bool
    /// In ems.
    package let width: Double
    /// The highest point of the ink above the baseline, in ems.
    package let ascent: Double
    /// The lowest point of the ink below the baseline, in ems; positive.
    package let descent: Double

    init(source: [UInt32], scalars: [UInt32], runs: [Run], isRightToLeft: Bool) {
        self.source = source
        self.scalars = scalars
        self.runs = runs
        self.isRightToLeft = isRightToLeft
        var width = 0.0
        var ascent = 0.0
        var descent = 0.0
        for run in runs {
            let em = Double(run.font.unitsPerEm)
            for glyph in run.glyphs {
                width += Double(glyph.advance) / em
                guard let ink = run.font.inkExtent(of: glyph.id) else { continue }
                ascent = max(ascent, Double(ink.upperBound + glyph.yOffset) / em)
                descent = max(descent, -Double(ink.lowerBound + glyph.yOffset) / em)
            }
        }
        self.width = width
        self.ascent = ascent
        self.descent = descent
    }

    /// The width that each scalar adds, in ems: that of its cluster at the cluster's first scalar, 0 at the others.
    package var advances: [Double] {
        var advances = [Double](repeating: 0, count: scalars.count)
        for run in runs {
            for glyph in run.glyphs where advances.indices.contains(glyph.cluster) {
                advances[glyph.cluster] += Double(glyph.advance) / Double(run.font.unitsPerEm)
            }
        }
        return advances
    }

    /// A part of what was asked for.
    package func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        for value in source[range] { view.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
        return String(view)
    }
}
