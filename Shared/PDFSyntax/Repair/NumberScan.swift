// SPDX-License-Identifier: Apache-2.0

/// Reads a file once for objects that are plain numbers, as the lengths of streams are.
enum NumberScan {
    private static let overlap = 80

    /// The last value of each; those inside of stream data are among them, so each needs a second proof.
    static func run(_ window: FileWindow, limits: PDFLimits) throws(PDFError) -> [Int: Int] {
        var numbers: [Int: Int] = [:]
        var offset = 0
        while offset < window.size {
            let piece = try window.bytes(offset..<(offset + RepairLimits.pieceBytes))
            try window.account.spend(piece.count)
            var index = 2
            while index < piece.count {
                if piece[index] == UInt8(ascii: "j"), piece[index - 1] == UInt8(ascii: "b"),
                    piece[index - 2] == UInt8(ascii: "o"), let found = object(in: piece, around: index, limits: limits)
                {
                    numbers[found.number] = found.value
                }
                index += 1
            }
            guard offset + piece.count < window.size else { break }
            offset += piece.count - overlap
        }
        return numbers
    }

    /// `N G obj value endobj` around the last letter of `obj`.
    private static func object(in piece: [UInt8], around index: Int, limits: PDFLimits) -> (number: Int, value: Int)? {
        var start = index - 2
        var stretches = 0
        // Back over white space, generation, white space, number.
        while start > 0, stretches < 2 {
            while start > 0, PDFCharacter.isWhitespace(piece[start - 1]) { start -= 1 }
            let end = start
            while start > 0, end - start < 11, (48...57).contains(piece[start - 1]) { start -= 1 }
            guard start < end else { return nil }
            stretches += 1
        }
        // A short slice, so that a comment without end costs nothing.
        var parser = PDFParser(Array(piece[start..<min(start + overlap, piece.count)]), limits: limits)
        guard stretches == 2, let number = parser.unsignedInteger(), number < limits.maximumObjects else { return nil }
        parser.position = index + 1 - start
        parser.skipWhitespace()
        guard let value = parser.unsignedInteger() else { return nil }
        parser.skipWhitespace()
        return parser.takePrefix("endobj") ? (number, value) : nil
    }
}
