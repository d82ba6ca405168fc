// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Draws strokes into a rectangle as smooth curves of a round pen.
struct StrokeDrawing {
    private typealias Point = SignatureStrokes.Point

    private let strokes: [[Point]]
    /// Of the drawn part of the canvas; a dot or a straight line still has some.
    let width: Double
    let height: Double
    private let left: Double
    private let top: Double

    init(_ drawing: SignatureStrokes) {
        strokes = drawing.strokes
        let points = strokes.joined()
        let xs = points.map(\.x)
        let ys = points.map(\.y)
        left = xs.min() ?? 0
        top = ys.min() ?? 0
        let inkWidth = (xs.max() ?? 0) - left
        let inkHeight = (ys.max() ?? 0) - top
        let least = max(inkWidth, inkHeight, 1) / 20
        width = max(inkWidth, least)
        height = max(inkHeight, least)
    }

    /// Fills the rectangle, of the drawing's own proportions.
    func draw(x: Double, y: Double, width: Double, height: Double, on drawing: inout AppearanceDrawing) {
        let pen = min(max(min(width, height) / 30, 0.4), 1.6)
        // Half the pen's width stands out on each side.
        let scale = max(min((width - pen) / self.width, (height - pen) / self.height), 0)
        var content: [UInt8] = []
        content.append(ascii: "q 0 G 1 J 1 j \(PDFNumberText.text(pen)) w\n")
        for stroke in strokes {
            let points = stroke.map {
                Point(x: x + pen / 2 + ($0.x - left) * scale, y: y + height - pen / 2 - ($0.y - top) * scale)
            }
            Self.append(Self.thinned(points, distance: pen / 2), to: &content)
        }
        content.append(ascii: "Q\n")
        drawing.append(content)
    }

    /// Leaves out points nearer than the pen can show.
    private static func thinned(_ points: [Point], distance: Double) -> [Point] {
        var kept: [Point] = []
        for (index, point) in points.enumerated() {
            if let last = kept.last {
                let dx = point.x - last.x
                let dy = point.y - last.y
                if dx * dx + dy * dy < distance * distance, index < points.count - 1 { continue }
            }
            kept.append(point)
        }
        return kept
    }

    /// A curve through all points: each Bézier's controls follow the points beside it (Catmull-Rom).
    private static func append(_ points: [Point], to content: inout [UInt8]) {
        guard let first = points.first else { return }
        func text(_ point: Point) -> String { "\(coordinate(point.x)) \(coordinate(point.y))" }
        content.append(ascii: "\(text(first)) m")
        // A point alone is a dot: a line of no length with round ends.
        if points.count == 1 { content.append(ascii: " \(text(first)) l") }
        for index in points.indices.dropFirst() {
            let from = points[index - 1]
            let to = points[index]
            let before = index >= 2 ? points[index - 2] : from
            let after = index + 1 < points.count ? points[index + 1] : to
            let one = Point(x: from.x + (to.x - before.x) / 6, y: from.y + (to.y - before.y) / 6)
            let two = Point(x: to.x - (after.x - from.x) / 6, y: to.y - (after.y - from.y) / 6)
            content.append(ascii: " \(text(one)) \(text(two)) \(text(to)) c")
        }
        content.append(ascii: " S\n")
    }

    /// Hundredths of a point are finer than any printer.
    private static func coordinate(_ value: Double) -> String {
        PDFNumberText.text((value * 100).rounded() / 100)
    }
}
