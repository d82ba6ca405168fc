// SPDX-License-Identifier: Apache-2.0

/// Where a file departs from ISO 32000-2 and was read all the same; only what was read so far is known.
package struct PDFIrregularities: OptionSet, Sendable {
    /// One bit each.
    package let rawValue: Int

    /// Makes a set of the bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// There are bytes before `%PDF-`, and offsets count from it: pyHanko refuses that, qpdf and poppler expect it.
    package static let bytesBeforeHeader = PDFIrregularities(rawValue: 1)
    /// There are bytes before `%PDF-`, and offsets count them: qpdf and poppler then rebuild the cross-reference.
    package static let offsetsBeforeHeader = PDFIrregularities(rawValue: 2)
    /// The last `startxref` is a few bytes off; an update names the right place.
    package static let startOffset = PDFIrregularities(rawValue: 4)
    /// A `/Prev` is a few bytes off, or a reference instead of a number.
    package static let previousOffset = PDFIrregularities(rawValue: 8)
    /// A table counts from 1 though it begins with the head of the free list.
    package static let tableNumbering = PDFIrregularities(rawValue: 16)
    /// Table entries are not 20 bytes long.
    package static let entryLength = PDFIrregularities(rawValue: 32)
    /// An object begins a few bytes from where the cross-reference says.
    package static let objectOffset = PDFIrregularities(rawValue: 64)
    /// An object stands at another index of its object stream than the cross-reference says.
    package static let objectIndex = PDFIrregularities(rawValue: 128)
    /// A stream is longer or shorter than its `/Length`.
    package static let streamLength = PDFIrregularities(rawValue: 256)
    /// Compressed data ends early or with a wrong checksum; what could be read of it was taken.
    package static let compressedData = PDFIrregularities(rawValue: 512)
    /// The newest trailer leaves out `/Root`, which an older one has.
    package static let incompleteTrailer = PDFIrregularities(rawValue: 1_024)

    /// Those with which another reader throws the cross-reference away, or gives up, so that an update behind such a
    /// file is read by some and not by others: a file without signatures is better written anew first.
    package static let misleading: PDFIrregularities = [
        .bytesBeforeHeader, .offsetsBeforeHeader, .previousOffset, .tableNumbering, .objectOffset, .objectIndex,
        .incompleteTrailer,
    ]
}
