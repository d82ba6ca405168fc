// SPDX-License-Identifier: Apache-2.0

/// Why text cannot be set.
package enum TypographyError: Error, Equatable {
    /// A font file of the list is not in the folder, or cannot be opened.
    case fontMissing(path: String)
    /// The file is no font with TrueType or CFF outlines.
    case fontUnusable(path: String)
    /// A font could not be reduced to the glyphs asked for.
    case subsettingFailed(font: String)
}
