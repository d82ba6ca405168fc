// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// Breaks shaped paragraphs into lines of a rectangle's width.
///
/// Lines break after spaces and hyphens, beside ideographs, and only where that is not enough within words.
struct TextWrapping {
    private let paragraphs: [ShapedLine]
    private let advances: [[Double]]
    private let width: Double
    private let height: Double

    init(_ paragraphs: [ShapedLine], width: Double, height: Double) {
        self.paragraphs = paragraphs
        advances = paragraphs.map(\.advances)
        self.width = width
        self.height = height
    }

    /// The largest size at which the wrapped lines fit, no smaller than the lower bound.
    func largestSize(between lower: Double, and upper: Double) -> Double {
        if fits(upper) { return upper }
        var low = lower
        var high = upper
        // A tenth of a percent of any range.
        for _ in 0..<10 {
            let middle = (low + high) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return low
    }

    private func fits(_ size: Double) -> Bool {
        var total = 0.0
        for index in paragraphs.indices {
            let count = breaks(index, width: width / size, maximum: .max).count
            total += Double(count) * LineMetrics(paragraphs[index]).height * size
        }
        return total <= height
    }

    /// Every paragraph, wrapped.
    func lines(size: Double, fonts: FontLibrary) throws(PDFError) -> [ShapedLine] {
        var lines: [ShapedLine] = []
        for index in paragraphs.indices {
            for range in breaks(index, width: width / size, maximum: .max) {
                lines.append(try line(index, range, fonts))
            }
        }
        return lines
    }

    /// As many lines as the height allows, the first paragraphs before the later ones, with an ellipsis where text is
    /// missing.
    func cutLines(size: Double, mayWrap: Bool, fonts: FontLibrary) throws(PDFError) -> [ShapedLine] {
        let tallest = paragraphs.map { LineMetrics($0).height }.max() ?? 1
        let allowed = max(1, Int((height / (tallest * size) + 0.001).rounded(.down)))
        let shown = min(allowed, paragraphs.count)
        var spare = mayWrap ? allowed - shown : 0
        var lines: [ShapedLine] = []
        for index in 0..<shown {
            let ranges = breaks(index, width: width / size, maximum: 1 + spare)
            spare -= max(0, ranges.count - 1)
            for (position, range) in ranges.enumerated() {
                let isLast = position == ranges.count - 1
                let isCut = isLast && range.upperBound < paragraphs[index].source.count
                let endsAll = isLast && index == shown - 1 && shown < paragraphs.count
                lines.append(
                    isCut || endsAll
                        ? try cut(index, range, size: size, fonts) : try line(index, range, fonts))
            }
        }
        return lines
    }

    // MARK: Pieces

    private func line(_ index: Int, _ range: Range<Int>, _ fonts: FontLibrary) throws(PDFError) -> ShapedLine {
        if range == 0..<paragraphs[index].source.count { return paragraphs[index] }
        return try FittedText.shape(
            paragraphs[index].text(range), fonts, isRightToLeft: paragraphs[index].isRightToLeft)
    }

    /// A line that ends with an ellipsis and fits.
    private func cut(
        _ index: Int, _ range: Range<Int>, size: Double, _ fonts: FontLibrary
    ) throws(PDFError) -> ShapedLine {
        let limit = width / size
        let direction = paragraphs[index].isRightToLeft
        let ellipsis = try FittedText.shape("…", fonts, isRightToLeft: direction)
        var end = range.lowerBound
        var used = ellipsis.width
        while end < paragraphs[index].source.count, used + advances[index][end] <= limit {
            used += advances[index][end]
            end += 1
        }
        var result = ellipsis
        // Joining may have made the rest a little wider.
        for _ in 0..<4 where end > range.lowerBound {
            let text = paragraphs[index].text(range.lowerBound..<end)
            result = try FittedText.shape(
                Self.trimmed(text) + "…", fonts, isRightToLeft: direction)
            if result.width <= limit { break }
            end -= 1
        }
        return result
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Where the lines of a paragraph begin and end, at most `maximum` of them; spaces at their ends left out.
    private func breaks(_ index: Int, width: Double, maximum: Int) -> [Range<Int>] {
        let scalars = paragraphs[index].source
        let advances = advances[index]
        var ranges: [Range<Int>] = []
        var start = 0
        while ranges.count < maximum, start < scalars.count {
            while start < scalars.count, scalars[start] == 0x20 { start += 1 }
            var used = 0.0
            var position = start
            var opportunity = start
            while position < scalars.count {
                used += advances[position]
                if used > width + 1e-9, scalars[position] != 0x20 { break }
                position += 1
                if position < scalars.count, Self.mayBreak(scalars[position - 1], scalars[position]) {
                    opportunity = position
                }
            }
            var end = position
            if position < scalars.count {
                if opportunity > start { end = opportunity }
                // Within a word, but not within a cluster; a line takes at least one.
                while end > start, end < scalars.count, advances[end] == 0 { end -= 1 }
                if end == start { end = min(max(position, start + 1), scalars.count) }
            }
            var visible = end
            while visible > start, scalars[visible - 1] == 0x20 { visible -= 1 }
            if visible > start { ranges.append(start..<visible) }
            // The rest holds only spaces: the paragraph is complete.
            start = end
        }
        if let last = ranges.last, scalars[last.upperBound...].allSatisfy({ $0 == 0x20 }) {
            ranges[ranges.count - 1] = last.lowerBound..<scalars.count
        }
        return ranges.isEmpty ? [0..<scalars.count] : ranges
    }

    private static func mayBreak(_ before: UInt32, _ after: UInt32) -> Bool {
        switch before {
        case 0x20, 0x2D, 0x2010, 0x2013, 0x200B: after != 0x20
        default: isIdeographic(before) && after != 0x20 || isIdeographic(after)
        }
    }

    private static func isIdeographic(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x2E80...0x2FDF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
