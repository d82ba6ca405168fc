// SPDX-License-Identifier: Apache-2.0
import CHarfBuzz

/// One font file, opened once and used by any number of threads.
///
/// `@unchecked`: faces and font are made immutable before `init` returns, and HarfBuzz lets immutable objects be shared
/// between threads; nothing else is mutable.
package final class FontFile: @unchecked Sendable {
    /// How the glyphs are described, which decides how a PDF embeds them.
    package enum Outlines: Sendable {
        /// Table `glyf`.
        case trueType
        /// Table `CFF `.
        case compact
    }

    /// PostScript name, printable ASCII without delimiters.
    package let name: String
    /// Table `glyf` or `CFF `.
    package let outlines: Outlines
    /// Font units in one em; all other measures are in font units.
    package let unitsPerEm: Int
    /// Above the baseline, from table `hhea` or `OS/2`.
    package let ascent: Int
    /// Below the baseline, negative.
    package let descent: Int
    /// Of a flat capital letter; the ascent where the font does not say.
    package let capHeight: Int
    /// Left, bottom, right and top of all glyphs, from table `head`.
    package let boundingBox: [Int]

    private let font: OpaquePointer
    /// The face with its tables laid out for subsetting, which makes that some ten times as fast.
    private let subsettable: OpaquePointer

    /// Opens and checks a file; the file is mapped, so fonts of many megabytes cost what is used of them.
    /// - Throws: `TypographyError` with `fontMissing` or `fontUnusable`.
    init(path: String) throws(TypographyError) {
        guard let blob = hb_blob_create_from_file_or_fail(path) else { throw .fontMissing(path: path) }
        defer { hb_blob_destroy(blob) }
        guard let face = hb_face_create(blob, 0) else { throw .fontUnusable(path: path) }
        // Font and blob are counted references: the font keeps the face, the face the blob.
        defer { hb_face_destroy(face) }
        let head = Self.table("head", of: face)
        if Self.table("glyf", of: face).isEmpty == false {
            outlines = .trueType
        } else if Self.table("CFF ", of: face).isEmpty == false {
            outlines = .compact
        } else {
            throw .fontUnusable(path: path)
        }
        guard hb_face_get_glyph_count(face) > 0, head.count >= 54, let prepared = hb_subset_preprocess(face),
            let font = hb_font_create(face)
        else { throw .fontUnusable(path: path) }
        hb_face_make_immutable(face)
        hb_face_make_immutable(prepared)
        hb_font_make_immutable(font)
        var extents = hb_font_extents_t()
        hb_font_get_h_extents(font, &extents)
        self.font = font
        subsettable = prepared
        unitsPerEm = Int(hb_face_get_upem(face))
        ascent = Int(extents.ascender)
        descent = Int(extents.descender)
        let capHeight = Int(paraph_hb_cap_height(font))
        self.capHeight = capHeight > 0 ? capHeight : Int(extents.ascender)
        boundingBox = stride(from: 36, to: 44, by: 2).map {
            Int(Int16(bitPattern: UInt16(head[$0]) << 8 | UInt16(head[$0 + 1])))
        }
        name = Self.postScriptName(of: face)
    }

    deinit {
        hb_face_destroy(subsettable)
        hb_font_destroy(font)
    }

    private static func table(_ tag: String, of face: OpaquePointer) -> [UInt8] {
        let blob = hb_face_reference_table(face, paraph_hb_tag(tag))
        defer { hb_blob_destroy(blob) }
        // `head` is 54 bytes; of the others only their presence counts.
        return copy(blob, maximum: 54)
    }

    private static func copy(_ blob: OpaquePointer?, maximum: Int = .max) -> [UInt8] {
        var count: UInt32 = 0
        guard let data = hb_blob_get_data(blob, &count), count > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: data, count: min(Int(count), maximum)))
    }

    private static func postScriptName(of face: OpaquePointer) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        var count = UInt32(buffer.count)
        // Name 6 of table `name`.
        hb_ot_name_get_utf8(face, 6, nil, &count, &buffer)
        let allowed = buffer.prefix(Int(min(count, 63))).map { UInt8(bitPattern: $0) }.filter {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
        }
        return allowed.isEmpty ? "Unnamed" : String(decoding: allowed, as: UTF8.self)
    }

    // MARK: Glyphs

    /// The glyph of a character before any shaping; nil when the font has none.
    package func glyph(for scalar: UInt32) -> UInt32? {
        var glyph: UInt32 = 0
        return hb_font_get_nominal_glyph(font, scalar, &glyph) != 0 ? glyph : nil
    }

    /// The advance width that table `hmtx` gives a glyph.
    package func advance(of glyph: UInt32) -> Int {
        Int(hb_font_get_glyph_h_advance(font, glyph))
    }

    /// The lowest and the highest point of a glyph's ink; nil for one without.
    func inkExtent(of glyph: UInt32) -> ClosedRange<Int>? {
        var extents = hb_glyph_extents_t()
        guard hb_font_get_glyph_extents(font, glyph, &extents) != 0, extents.height < 0 else { return nil }
        return Int(extents.y_bearing + extents.height)...Int(extents.y_bearing)
    }

    /// Shapes a stretch of one script and one direction; what stands around it decides how its ends join.
    /// - Returns: Glyphs from left to right.
    func shape(
        _ text: [UInt32], _ range: Range<Int>, script: UInt32, isRightToLeft: Bool
    ) -> [ShapedGlyph] {
        guard let buffer = hb_buffer_create() else { return [] }
        defer { hb_buffer_destroy(buffer) }
        text.withUnsafeBufferPointer {
            hb_buffer_add_codepoints(
                buffer, $0.baseAddress, Int32($0.count), UInt32(range.lowerBound), Int32(range.count))
        }
        paraph_hb_set_direction(buffer, isRightToLeft ? 1 : 0)
        paraph_hb_set_script(buffer, script)
        hb_buffer_set_flags(buffer, HB_BUFFER_FLAG_REMOVE_DEFAULT_IGNORABLES)
        hb_shape(font, buffer, nil, 0)
        var count: UInt32 = 0
        let infos = hb_buffer_get_glyph_infos(buffer, &count)
        let positions = hb_buffer_get_glyph_positions(buffer, &count)
        guard let infos, let positions else { return [] }
        return (0..<Int(count)).map { index in
            ShapedGlyph(
                id: infos[index].codepoint, cluster: Int(infos[index].cluster),
                advance: Int(positions[index].x_advance), xOffset: Int(positions[index].x_offset),
                yOffset: Int(positions[index].y_offset))
        }
    }

    // MARK: Subsets

    /// The font reduced to the outlines and widths of some glyphs and what these are made of; equal glyphs give equal
    /// bytes.
    /// - Throws: `TypographyError.subsettingFailed`.
    package func subset(_ glyphs: some Sequence<UInt32>) throws(TypographyError) -> FontSubset {
        guard let input = hb_subset_input_create_or_fail() else { throw .subsettingFailed(font: name) }
        defer { hb_subset_input_destroy(input) }
        hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING.rawValue)
        let wanted = hb_subset_input_glyph_set(input)
        for glyph in glyphs { hb_set_add(wanted, glyph) }
        let dropped = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG)
        for tag in Self.droppedTables { hb_set_add(dropped, tag) }
        guard let plan = hb_subset_plan_create_or_fail(subsettable, input) else { throw .subsettingFailed(font: name) }
        defer { hb_subset_plan_destroy(plan) }
        guard let face = hb_subset_plan_execute_or_fail(plan) else { throw .subsettingFailed(font: name) }
        defer { hb_face_destroy(face) }
        let program =
            switch outlines {
            case .trueType: hb_face_reference_blob(face)
            // A PDF takes the bare table (ISO 32000-2, 9.9, CIDFontType0C).
            case .compact: hb_face_reference_table(face, paraph_hb_tag("CFF "))
            }
        defer { hb_blob_destroy(program) }
        let bytes = Self.copy(program)
        // The mapping belongs to the plan.
        let mapping = hb_subset_plan_new_to_old_glyph_mapping(plan)
        let originals = (0..<hb_face_get_glyph_count(face)).map { hb_map_get(mapping, $0) }
        guard !bytes.isEmpty, !originals.isEmpty else { throw .subsettingFailed(font: name) }
        let keyed = outlines == .compact ? CompactCharset.characterIDs(of: bytes, glyphs: originals.count) : nil
        return FontSubset(
            program: bytes, originals: originals, characterIDs: keyed ?? Array(originals.indices),
            isKeyed: outlines == .trueType || keyed != nil)
    }

    /// What a PDF has its own structures for, or does not use (ISO 32000-2, 9.9.1).
    private static let droppedTables: [UInt32] =
        ([
            "GSUB", "GPOS", "GDEF", "BASE", "JSTF", "MATH", "name", "post", "OS/2", "cmap", "DSIG", "gasp", "STAT",
            "kern",
            "vhea", "vmtx", "VORG", "cvt ", "fpgm", "prep", "hdmx", "LTSH", "VDMX", "meta",
        ] as [String]).map { paraph_hb_tag($0) }
}
