// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The fonts of one folder, in the order in which they are asked for a character.
///
/// A font is opened at its first use and kept: Noto Sans for Latin, Cyrillic and Greek, further ones for further scripts.
package final class FontLibrary: Sendable {
    /// Where Debian's font packages put their files.
    package static let debianFolder = "/usr/share/fonts/truetype"

    /// The files of `fonts-noto-core` (OFL) and `fonts-droid-fallback` (Apache-2.0), both free to embed.
    ///
    /// A further script is a further line. Droid's font stands last, since it covers nearly all of Chinese, Japanese and
    /// Korean in 4 MB, where Noto's takes 90.
    package static let files = [
        "noto/NotoSans-Regular.ttf",
        "noto/NotoSansArabic-Regular.ttf",
        "noto/NotoSansHebrew-Regular.ttf",
        "noto/NotoSansDevanagari-Regular.ttf",
        "noto/NotoSansThai-Regular.ttf",
        "noto/NotoSansArmenian-Regular.ttf",
        "noto/NotoSansGeorgian-Regular.ttf",
        "droid/DroidSansFallbackFull.ttf",
    ]

    /// The fonts of Debian's own folder, shared by the whole process.
    package static let installed = FontLibrary(folder: debianFolder)

    private let paths: [String]
    private let fonts: Mutex<[Int: FontFile]> = Mutex([:])

    /// Names the files; none is opened yet.
    package init(folder: String, files: [String] = FontLibrary.files) {
        paths = files.map { "\(folder)/\($0)" }
    }

    /// The first font that has a glyph for a character; nil when none of the list has.
    /// - Throws: `TypographyError` when a font that has to be asked is missing or unusable.
    func font(covering scalar: UInt32) throws(TypographyError) -> FontFile? {
        for index in paths.indices {
            let font = try font(at: index)
            if font.glyph(for: scalar) != nil { return font }
        }
        return nil
    }

    /// The font that shows what no font covers.
    func firstFont() throws(TypographyError) -> FontFile {
        guard !paths.isEmpty else { throw .fontMissing(path: "") }
        return try font(at: 0)
    }

    private func font(at index: Int) throws(TypographyError) -> FontFile {
        let path = paths[index]
        let result = fonts.withLock { fonts -> Result<FontFile, TypographyError> in
            if let font = fonts[index] { return .success(font) }
            return Result { () throws(TypographyError) in
                let font = try FontFile(path: path)
                fonts[index] = font
                return font
            }
        }
        return try result.get()
    }
}
