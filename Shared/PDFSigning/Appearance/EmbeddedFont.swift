// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// A composite font with two-byte codes that are the character identifiers of a subset (ISO 32000-2, 9.7), fit for PDF/A-1 to 4.
struct EmbeddedFont {
    private let font: FontFile
    private let subset: FontSubset
    /// One for each glyph of the subset.
    private let texts: [[UInt32]]
    private let places: [UInt32: Int]
    /// In thousandths of an em, one for each glyph of the subset.
    private let widths: [Int]

    /// - Throws: `PDFError` with `fontMissing` when the font cannot be reduced.
    init(_ font: FontFile, texts: [UInt32: [UInt32]]) throws(PDFError) {
        self.font = font
        do throws(TypographyError) {
            subset = try font.subset(texts.keys)
        } catch {
            throw PDFError(.fontMissing, "The font \(font.name) could not be reduced to the glyphs of a text.")
        }
        let originals = subset.originals
        places = Dictionary(originals.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.texts = originals.map { texts[$0] ?? [] }
        widths = originals.map {
            Int((Double(font.advance(of: $0)) * 1000 / Double(font.unitsPerEm)).rounded())
        }
    }

    /// Code and width, in thousandths of an em, of a glyph of the whole font; one that was not asked for shows nothing.
    func glyph(_ glyph: UInt32) -> (code: Int, width: Int) {
        let place = places[glyph] ?? 0
        return (subset.characterIDs[place], widths[place])
    }

    /// What readers take a glyph for.
    func text(of glyph: UInt32) -> [UInt32] { places[glyph].map { texts[$0] } ?? [] }

    /// Writes the font's objects and returns where it is.
    func write(to update: inout IncrementalUpdate) throws(PDFError) -> PDFReference {
        let type0 = try update.newReference()
        let descendant = try update.newReference()
        let descriptor = try update.newReference()
        let program = try update.newReference()
        let unicode = try update.newReference()
        // PDF/A-1 wants to know which glyphs there are (ISO 19005-1, 6.3.5); PDF/A-2 lets no glyph names stand for that.
        let set = subset.isKeyed ? try update.newReference() : nil
        let name = PDFObject.name("\(tag)+\(font.name)")
        update.write(
            PDFDictionary([
                ("Type", .name("Font")), ("Subtype", .name("Type0")), ("BaseFont", name),
                ("Encoding", .name("Identity-H")), ("DescendantFonts", .array([.reference(descendant)])),
                ("ToUnicode", .reference(unicode)),
            ]), at: type0)
        update.write(self.descendant(name, descriptor: descriptor), at: descendant)
        update.write(self.descriptor(name, program: program, set: set), at: descriptor)
        writeProgram(to: &update, at: program)
        update.write(PDFDictionary(), data: toUnicode, at: unicode)
        if let set { update.write(PDFDictionary(), data: glyphSet, at: set) }
        return type0
    }

    /// Six letters that differ between subsets of a font (9.9.2).
    private var tag: String {
        // FNV-1a over the glyph numbers.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for glyph in subset.originals { hash = (hash ^ UInt64(glyph)) &* 0x100_0000_01B3 }
        var letters: [UInt8] = []
        for _ in 0..<6 {
            letters.append(UInt8(ascii: "A") + UInt8(hash % 26))
            hash /= 26
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private func descendant(_ name: PDFObject, descriptor: PDFReference) -> PDFDictionary {
        let system = PDFDictionary([
            ("Registry", .string(Array("Adobe".utf8))), ("Ordering", .string(Array("Identity".utf8))),
            ("Supplement", .integer(0)),
        ])
        var dictionary = PDFDictionary([
            ("Type", .name("Font")),
            ("Subtype", .name(font.outlines == .trueType ? "CIDFontType2" : "CIDFontType0")), ("BaseFont", name),
            ("CIDSystemInfo", .dictionary(system)), ("FontDescriptor", .reference(descriptor)),
            ("W", .array(widthRuns)),
        ])
        if font.outlines == .trueType { dictionary["CIDToGIDMap"] = .name("Identity") }
        return dictionary
    }

    /// Widths of neighbouring codes after the first of them (9.7.4.3).
    private var widthRuns: [PDFObject] {
        var runs: [PDFObject] = []
        var run: [PDFObject] = []
        for (place, code) in subset.characterIDs.enumerated() {
            run.append(.integer(widths[place]))
            if place + 1 < widths.count, subset.characterIDs[place + 1] == code + 1 { continue }
            runs += [.integer(code - run.count + 1), .array(run)]
            run = []
        }
        return runs
    }

    private func descriptor(_ name: PDFObject, program: PDFReference, set: PDFReference?) -> PDFDictionary {
        func thousandths(_ value: Int) -> PDFObject { .integer(value * 1000 / font.unitsPerEm) }
        var dictionary = PDFDictionary([
            // Symbolic, since its glyphs are not those of a Latin set (Table 121).
            ("Type", .name("FontDescriptor")), ("FontName", name), ("Flags", .integer(4)),
            ("FontBBox", .array(font.boundingBox.map(thousandths))), ("ItalicAngle", .integer(0)),
            ("Ascent", thousandths(font.ascent)), ("Descent", thousandths(font.descent)),
            ("CapHeight", thousandths(font.capHeight)), ("StemV", .integer(80)),
            (font.outlines == .trueType ? "FontFile2" : "FontFile3", .reference(program)),
        ])
        if let set { dictionary["CIDSet"] = .reference(set) }
        return dictionary
    }

    /// As it is: a subset has a few kilobytes, of which deflating saves a quarter and takes longer than all else here.
    private func writeProgram(to update: inout IncrementalUpdate, at reference: PDFReference) {
        var dictionary = PDFDictionary()
        switch font.outlines {
        case .trueType: dictionary["Length1"] = .integer(subset.program.count)
        case .compact: dictionary["Subtype"] = .name("CIDFontType0C")
        }
        update.write(dictionary, data: subset.program, at: reference)
    }

    /// One bit for each code, the highest first.
    private var glyphSet: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (subset.characterIDs.last ?? 0) / 8 + 1)
        for code in subset.characterIDs { bytes[code / 8] |= 0x80 >> UInt8(code % 8) }
        return bytes
    }

    /// What the codes mean as text (9.10.3), so that it can be searched and copied.
    private var toUnicode: [UInt8] {
        var output: [UInt8] = []
        output.append(
            ascii: """
                /CIDInit /ProcSet findresource begin
                12 dict begin
                begincmap
                /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def
                /CMapName/Adobe-Identity-UCS def
                /CMapType 2 def
                1 begincodespacerange
                <0000><FFFF>
                endcodespacerange

                """)
        let mapped = texts.indices.filter { !texts[$0].isEmpty }
        // A section holds at most 100 entries.
        for start in stride(from: 0, to: mapped.count, by: 100) {
            let section = mapped[start..<min(start + 100, mapped.count)]
            output.append(decimal: section.count)
            output.append(ascii: " beginbfchar\n")
            for place in section {
                let code = subset.characterIDs[place]
                output.append(ascii: "<")
                output.append(hex: UInt8(code >> 8 & 0xFF))
                output.append(hex: UInt8(code & 0xFF))
                output.append(ascii: "><")
                var text: [UInt8] = []
                for scalar in texts[place] { TextContent.appendUTF16(scalar, to: &text) }
                for byte in text { output.append(hex: byte) }
                output.append(ascii: ">\n")
            }
            output.append(ascii: "endbfchar\n")
        }
        output.append(ascii: "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
        return output
    }
}
