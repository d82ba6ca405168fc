// SPDX-License-Identifier: Apache-2.0

/// A field to be added to a document before its first signature.
package struct PreparedField: Sendable, Equatable {
    /// What the field takes.
    package enum Kind: Sendable, Equatable {
        /// The signature of one signer; there is one such field for each.
        case signature
        /// A line of text; also for the name repeated elsewhere.
        case text
        /// A date, as text.
        case date
        /// Initials, as text.
        case initials
        /// A box that is ticked or not.
        case checkbox
    }

    /// A rectangle in points, origin top left of the page as displayed, y downwards.
    package struct Placement: Sendable, Equatable {
        /// From 0.
        package var pageIndex: Int
        /// Distance from the left edge of the page as displayed.
        package var x: Double
        /// Distance from the upper edge of the page as displayed.
        package var y: Double
        /// Extent to the right.
        package var width: Double
        /// Extent downwards.
        package var height: Double

        /// Names page and rectangle.
        package init(pageIndex: Int, x: Double, y: Double, width: Double, height: Double) {
            self.pageIndex = pageIndex
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    /// The root field name, unique in the document and without full stops.
    package var name: String
    /// What the field takes.
    package var kind: Kind
    /// Nil makes a signature invisible; the other kinds need a place.
    package var placement: Placement?
    /// What assistive technology calls the field (`/TU`).
    package var label: String?

    /// Describes a field.
    package init(name: String, kind: Kind, placement: Placement?, label: String? = nil) {
        self.name = name
        self.kind = kind
        self.placement = placement
        self.label = label
    }
}
