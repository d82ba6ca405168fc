// SPDX-License-Identifier: Apache-2.0

/// A rectangle in default user space with ordered corners (ISO 32000-2, 7.9.5).
package struct PDFRectangle: Sendable, Equatable {
    /// Lower left and upper right corner.
    package let left, bottom, right, top: Double

    /// Orders the corners.
    package init(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
        left = min(x1, x2)
        bottom = min(y1, y2)
        right = max(x1, x2)
        top = max(y1, y2)
    }

    /// Extent to the right.
    package var width: Double { right - left }
    /// Extent upwards.
    package var height: Double { top - bottom }

    /// The array that PDF writes for it.
    package var object: PDFObject { .array([left, bottom, right, top].map(PDFNumberText.object)) }

    func intersection(_ other: PDFRectangle) -> PDFRectangle? {
        guard max(left, other.left) < min(right, other.right), max(bottom, other.bottom) < min(top, other.top) else {
            return nil
        }
        return PDFRectangle(
            max(left, other.left), max(bottom, other.bottom), min(right, other.right), min(top, other.top))
    }
}

/// A page as it is displayed: its crop box after rotation, in points (ISO 32000-2, 7.7.3.3).
package struct PageGeometry: Sendable, Equatable {
    /// The visible part of the page in default user space.
    package let cropBox: PDFRectangle
    /// Clockwise degrees: 0, 90, 180 or 270.
    package let rotation: Int
    /// Points per unit of default user space.
    package let userUnit: Double

    /// Points from left to right as displayed.
    package var width: Double { (isTurned ? cropBox.height : cropBox.width) * userUnit }
    /// Points from top to bottom as displayed.
    package var height: Double { (isTurned ? cropBox.width : cropBox.height) * userUnit }

    private var isTurned: Bool { rotation % 180 != 0 }

    /// Normalises a rotation to one of the four; other angles count as none, as in other readers.
    package init(cropBox: PDFRectangle, rotation: Int, userUnit: Double = 1) {
        self.cropBox = cropBox
        let turned = ((rotation % 360) + 360) % 360
        self.rotation = turned % 90 == 0 ? turned : 0
        self.userUnit = userUnit
    }

    /// Maps a rectangle in points, origin top left of the page as displayed, to default user space.
    /// - Throws: `PDFError` with `fieldOutsidePage` when any part lies off the page, or the rectangle is empty.
    package func userSpaceRectangle(
        x: Double, y: Double, width: Double, height: Double
    ) throws(PDFError) -> PDFRectangle {
        // A hundredth of a point forgives the rounding of a caller's own conversion.
        let tolerance = 0.01
        guard x.isFinite, y.isFinite, width > 0, height > 0, x >= -tolerance, y >= -tolerance,
            x + width <= self.width + tolerance, y + height <= self.height + tolerance
        else {
            throw PDFError(
                .fieldOutsidePage,
                "The field does not lie within the page, which is \(PDFNumberText.text(self.width)) points wide and "
                    + "\(PDFNumberText.text(self.height)) high.")
        }
        let first = userSpacePoint(x: x, y: y)
        let second = userSpacePoint(x: x + width, y: y + height)
        return PDFRectangle(first.x, first.y, second.x, second.y)
    }

    private func userSpacePoint(x: Double, y: Double) -> (x: Double, y: Double) {
        let across = x / userUnit
        let down = y / userUnit
        switch rotation {
        case 90: return (cropBox.left + down, cropBox.bottom + across)
        case 180: return (cropBox.right - across, cropBox.bottom + down)
        case 270: return (cropBox.right - down, cropBox.top - across)
        default: return (cropBox.left + across, cropBox.top - down)
        }
    }
}
