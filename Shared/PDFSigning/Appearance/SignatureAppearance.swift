// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// What a visible signature shows: lines of text, and at most one image or drawing beside or above them.
///
/// A field without an area shows nothing, whatever is asked for.
package struct SignatureAppearance: Sendable {
    /// What stands beside the text.
    package enum Mark: Sendable {
        /// A picture of a signature or seal.
        case image(SignatureImage)
        /// A signature drawn by hand, kept as vectors.
        case strokes(SignatureStrokes)
    }

    /// One paragraph each, in any script; see `lines(signerName:method:organisation:signingTime:meaning:)`.
    package var lines: [String]
    /// Nil for text alone.
    package var mark: Mark?

    /// Combines text and mark; both may be missing.
    package init(lines: [String], mark: Mark? = nil) {
        self.lines = lines
        self.mark = mark
    }

    /// True where nothing is to be shown.
    var isEmpty: Bool { lines.isEmpty && mark == nil }

    /// Who signed and how, who sealed, when (in UTC, and saying so), and what it means.
    package static func lines(
        signerName: String, method: String, organisation: String, signingTime: Instant, meaning: String?
    ) -> [String] {
        var lines = ["Signed by \(signerName) (\(method))", "Sealed by \(organisation)", utc(signingTime)]
        if let meaning { lines.append(meaning) }
        return lines
    }

    /// For example "2026-11-20 12:00:00 UTC".
    package static func utc(_ time: Instant) -> String {
        let text = time.rfc3339(fractionDigits: 3)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
