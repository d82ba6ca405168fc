// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// What a signature covers (ISO 32000-2, 12.8.1): all of the file but the `/Contents` string with its brackets.
package struct SignedByteRange: Sendable, Equatable {
    /// Three numbers of 19 digits, which any file size fits.
    static let placeholderWidth = 64

    /// The `/Contents` string with its brackets.
    package let gap: Range<Int>
    /// Where the signed revision ends.
    package let end: Int

    /// Pairs what is left out with where the signed revision ends.
    package init(gap: Range<Int>, end: Int) {
        self.gap = gap
        self.end = end
    }

    /// Overwrites the blanks that were kept for the array.
    func write(to bytes: inout [UInt8], at position: Int) {
        var text: [UInt8] = []
        text.reserveCapacity(Self.placeholderWidth)
        text.append(ascii: "[0 ")
        text.append(decimal: gap.lowerBound)
        text.append(0x20)
        text.append(decimal: gap.upperBound)
        text.append(0x20)
        text.append(decimal: end - gap.upperBound)
        text.append(UInt8(ascii: "]"))
        for (index, byte) in text.enumerated() { bytes[position + index] = byte }
    }
}
