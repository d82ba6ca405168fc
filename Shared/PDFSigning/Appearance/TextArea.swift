// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// A rectangle of an appearance, and how text stands in it; in points, origin at the frame's lower left.
struct TextArea {
    enum Alignment: Int {
        case left = 0
        case center = 1
        case right = 2
    }

    var x: Double
    var y: Double
    var width: Double
    var height: Double
    /// Nil puts each line where its paragraph begins: left, or right for scripts that read from there.
    var alignment: Alignment?
    /// False begins at the top, true stands in the middle.
    var isCentered = true

    /// Draws lines that were fitted to this area.
    func draw(_ text: FittedText, on drawing: inout AppearanceDrawing) {
        var top = y + height
        if isCentered { top -= max(0, (height - text.height) / 2) }
        for line in text.lines {
            let metrics = LineMetrics(line)
            let free = width - line.width * text.size
            let offset: Double =
                switch alignment ?? (line.isRightToLeft ? .right : .left) {
                case .left: 0
                case .center: free / 2
                case .right: free
                }
            drawing.append(
                line, x: x + offset, baseline: top - metrics.ascent * text.size, size: text.size)
            top -= metrics.height * text.size
        }
    }
}
