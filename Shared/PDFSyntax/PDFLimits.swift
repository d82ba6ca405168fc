// SPDX-License-Identifier: Apache-2.0

/// What a document may ask of the parser; anything above is refused with `PDFError.Code.tooComplex`.
package struct PDFLimits: Sendable, Equatable {
    /// Bytes in the file.
    package var maximumFileBytes = 104_857_600
    /// Bytes up to which a file is read at once and held; a larger one is read piece by piece.
    package var wholeFileBytes = 128 << 10
    /// Bytes of one indirect object, without its stream data.
    package var maximumObjectBytes = 4 << 20
    /// Values in one indirect object, elements of its arrays and dictionaries included.
    package var maximumValues = 250_000
    /// Values in all pages, or in all form fields, that are held at once.
    package var maximumHeldValues = 4_000_000
    /// Bytes that one stream may decode to.
    package var maximumStreamOutput = 64 << 20
    /// Bytes that all streams decoded for one document may come to.
    package var maximumTotalOutput = 512 << 20
    /// How many times larger than its data a decoded stream may be, once it exceeds 1 MiB.
    package var maximumInflationRatio = 200
    /// Dictionaries and arrays inside one another, and levels of the page tree and the form.
    package var maximumNesting = 100
    /// Cross-reference sections, hidden ones of hybrid files included.
    package var maximumSections = 1_024
    /// The largest object number plus one.
    package var maximumObjects = 2_000_000
    /// Pages in the document.
    package var maximumPages = 10_000
    /// Filters on one stream.
    package var maximumFilters = 8
    /// Fields and widgets of the interactive form.
    package var maximumFields = 20_000
    /// Bytes at the end of the file among which `startxref` must stand (ISO 32000-2, 7.5.5 and its annex on readers).
    package var tailBytes = 2_048
    /// Bytes at the beginning of the file among which the header must stand, as in other readers.
    package var headBytes = 1_024
    /// How far from a stated offset a cross-reference section or an object is looked for, in bytes either way.
    package var searchDistance = 64
    /// References that lead to a reference.
    package var maximumReferenceHops = 16
    /// Subsections of one cross-reference section; a tenth as many may stand out of order.
    package var maximumSubsections = 100_000
    /// Steps that reading the document may take in all: one for a byte parsed, searched or decoded, more for a value.
    ///
    /// A step takes some 2 ns at worst, so that this bounds the time to a few seconds without a clock.
    package var maximumWork = 2 << 30

    /// The limits of the product.
    package static let `default` = PDFLimits()

    /// Starts from the limits of the product.
    package init() {}
}
