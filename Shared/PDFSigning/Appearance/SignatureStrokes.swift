// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax

/// A signature drawn by hand: the paths of the pen on a canvas.
package struct SignatureStrokes: Sendable, Equatable {
    /// Where the pen was, in units of the canvas: x to the right, y downwards.
    package struct Point: Sendable, Equatable {
        /// From the left edge.
        package var x: Double
        /// From the upper edge.
        package var y: Double

        /// Names a place on the canvas.
        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// More points than anyone draws; the limit bounds what one signature adds to a file.
    package static let maximumPoints = 20_000

    /// From pen down to pen up; a stroke of one point is a dot.
    package let strokes: [[Point]]

    /// Takes a drawing over; points outside the canvas are pulled to its edge.
    /// - Throws: `PDFError` with `imageUnusable` for a drawing without points, with more than `maximumPoints`, or with
    ///   coordinates or a canvas that are no numbers.
    package init(canvasWidth: Double, canvasHeight: Double, strokes: [[Point]]) throws(PDFError) {
        guard canvasWidth.isFinite, canvasHeight.isFinite, canvasWidth > 0, canvasHeight > 0, canvasWidth <= 100_000,
            canvasHeight <= 100_000
        else {
            throw PDFError(.imageUnusable, "The canvas of the drawn signature has no usable size.")
        }
        var count = 0
        for stroke in strokes {
            count += stroke.count
            guard count <= Self.maximumPoints, stroke.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
                throw PDFError(
                    .imageUnusable,
                    "The drawn signature has more than \(Self.maximumPoints) points, or points that are no numbers.")
            }
        }
        guard count > 0 else { throw PDFError(.imageUnusable, "The drawn signature has no strokes.") }
        self.strokes = strokes.filter { !$0.isEmpty }.map { stroke in
            stroke.map {
                Point(x: min(max($0.x, 0), canvasWidth), y: min(max($0.y, 0), canvasHeight))
            }
        }
    }
}
