// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// The fonts that the appearances of one update share, each reduced to the glyphs that they show.
struct EmbeddedFonts {
    /// What glyphs of a font stand for, collected before the font is reduced.
    private struct Usage {
        let font: FontFile
        var texts: [UInt32: [UInt32]] = [:]
    }

    private var usages: [Usage] = []
    private(set) var embedded: [EmbeddedFont] = []
    private(set) var references: [PDFReference] = []

    /// Notes what a line will show.
    mutating func use(_ line: ShapedLine) {
        for run in line.runs {
            let index = index(of: run.font) ?? usages.count
            if index == usages.count { usages.append(Usage(font: run.font)) }
            for cluster in run.clusters {
                let texts = Self.texts(of: run.glyphs[cluster.glyphs], of: run.font, for: line.scalars[cluster.scalars])
                for (glyph, text) in zip(run.glyphs[cluster.glyphs], texts) where usages[index].texts[glyph.id] == nil {
                    usages[index].texts[glyph.id] = text
                }
            }
        }
    }

    /// The number in the resource name of a font that was used.
    func index(of font: FontFile) -> Int? {
        usages.firstIndex { $0.font === font }
    }

    /// Reduces and writes every font.
    /// - Throws: `PDFError`, `fontMissing` when a font cannot be reduced.
    mutating func write(to update: inout IncrementalUpdate) throws(PDFError) {
        for usage in usages {
            let font = try EmbeddedFont(usage.font, texts: usage.texts)
            references.append(try font.write(to: &update))
            embedded.append(font)
        }
    }

    /// What each glyph of a cluster says: its own character where it has one, the first other glyph the rest.
    private static func texts(
        of glyphs: ArraySlice<ShapedGlyph>, of font: FontFile, for scalars: ArraySlice<UInt32>
    ) -> [[UInt32]] {
        if glyphs.count == 1 { return [Array(scalars)] }
        var rest = Array(scalars)
        var texts = glyphs.map { glyph -> [UInt32] in
            guard let own = rest.firstIndex(where: { font.glyph(for: $0) == glyph.id }) else { return [] }
            return [rest.remove(at: own)]
        }
        for index in texts.indices where texts[index].isEmpty {
            // Every glyph has to say something (ISO 19005-2, 6.2.11.7.2), if only a space without width.
            texts[index] = rest.isEmpty ? [0x200B] : rest
            rest = []
        }
        return texts
    }
}
