// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// The room that a line takes, in ems: that of usual Latin text, or more where its ink is higher or deeper.
struct LineMetrics {
    let ascent: Double
    let descent: Double
    var height: Double { ascent + descent }

    init(_ line: ShapedLine) {
        ascent = max(0.92, line.ascent)
        descent = max(0.28, line.descent)
    }
}

/// Paragraphs as large as a rectangle allows: shrunk first, then wrapped, at the smallest size cut with an ellipsis.
struct FittedText {
    enum Wrapping {
        /// A field of one line.
        case never
        /// Where one line a paragraph would be too small to read with ease.
        case whenSmall
        /// Before the text is shrunk: a field of many lines.
        case always
    }

    /// Points.
    let size: Double
    let lines: [ShapedLine]

    /// Points.
    var height: Double { lines.reduce(0) { $0 + LineMetrics($1).height } * size }

    /// Below this size text is wrapped, if that makes it larger.
    private static let comfortableSize = 7.0
    /// Text is never smaller where the rectangle is at least one line of it high.
    private static let smallestSize = 4.0
    /// Further paragraphs are not shown.
    private static let maximumParagraphs = 100

    /// - Throws: `PDFError` with `fontMissing`.
    init(
        _ paragraphs: [String], width: Double, height: Double, maximumSize: Double, fonts: FontLibrary,
        wrapping: Wrapping = .whenSmall
    ) throws(PDFError) {
        var shaped: [ShapedLine] = []
        for text in paragraphs.prefix(Self.maximumParagraphs) {
            shaped.append(try Self.shape(text, fonts))
        }
        guard !shaped.isEmpty, width > 0, height > 0 else {
            (size, lines) = (maximumSize, [])
            return
        }
        let whole = Self.wholeSize(shaped, width, height, maximumSize)
        let sufficient: Double =
            switch wrapping {
            case .never: Self.smallestSize
            case .whenSmall: Self.comfortableSize
            case .always: maximumSize
            }
        if whole >= min(maximumSize, sufficient) {
            (size, lines) = (whole, shaped)
            return
        }
        let wrapper = TextWrapping(shaped, width: width, height: height)
        let wrapped = wrapping == .never ? whole : wrapper.largestSize(between: whole, and: maximumSize)
        if wrapped >= Self.smallestSize {
            size = wrapped
            lines = wrapped > whole ? try wrapper.lines(size: wrapped, fonts: fonts) : shaped
            return
        }
        size = min(Self.smallestSize, maximumSize, height / (shaped.map { LineMetrics($0).height }.max() ?? 1))
        lines = try wrapper.cutLines(size: size, mayWrap: wrapping != .never, fonts: fonts)
    }

    /// The largest size at which no line needs to be wrapped.
    private static func wholeSize(
        _ lines: [ShapedLine], _ width: Double, _ height: Double, _ maximum: Double
    ) -> Double {
        var size = min(maximum, height / lines.reduce(0) { $0 + LineMetrics($1).height })
        if let widest = lines.map(\.width).max(), widest > 0 { size = min(size, width / widest) }
        return size
    }

    static func shape(
        _ text: String, _ fonts: FontLibrary, isRightToLeft: Bool? = nil
    ) throws(PDFError) -> ShapedLine {
        do throws(TypographyError) {
            return try fonts.shape(text, isRightToLeft: isRightToLeft)
        } catch {
            switch error {
            case .fontMissing(let path):
                throw PDFError(.fontMissing, "The font \(path) is not installed, but a text needs it.")
            case .fontUnusable(let path), .subsettingFailed(let path):
                throw PDFError(.fontMissing, "The font \(path) cannot be used.")
            }
        }
    }
}
