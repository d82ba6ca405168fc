// SPDX-License-Identifier: Apache-2.0

/// A font program with few glyphs, renumbered from 0.
package struct FontSubset: Sendable, Equatable {
    /// A TrueType file, or a bare CFF table.
    package let program: [UInt8]
    /// The number in the whole font of each glyph here; 0 is always `.notdef`.
    package let originals: [UInt32]
    /// By which identifier a CIDFont of a PDF reaches each glyph, ascending: its number here, unless the program has a
    /// numbering of its own (ISO 32000-2, 9.7.4.2).
    package let characterIDs: [Int]
    /// False for CFF programs with named glyphs, whose numbers only this PDF uses as identifiers.
    package let isKeyed: Bool
}
